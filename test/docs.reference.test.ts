import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { declarationsOf, type Declarations } from '../scripts/reference/declarations.js'
import { differences, near } from '../scripts/reference/diffs.js'
import { printedPages } from '../scripts/reference/pages.js'
import { withTables } from '../scripts/reference/tables.js'

const pages = await printedPages()

/** Cells of the rows of a page, without what aligns them. */
function rowsOf(page: string): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
}

describe('tables of options in docs', () => {
  it.each(pages.map(({ path, printed }) => [path, printed] as const))(
    'are as the docstrings say: %s (else: npm run docs:reference)',
    (path, printed) => {
      expect(readFileSync(path, 'utf8')).toBe(printed)
    },
  )

  it('are there for the guards and for the stores', () => {
    const paths = pages.map(({ path }) => path)
    expect(paths).toContain('docs/reference/require-bearer.md')
    expect(paths).toContain('docs/reference/redis-revocation-store.md')
    expect(paths.length).toBeGreaterThan(25)
  })
})

describe('a printed table', () => {
  const declarations = declarationsOf('test/support/reference')
  const print = (marker: string): string[][] =>
    rowsOf(withTables(`<!-- ${marker} -->\n<!-- end -->\n`, declarations)).slice(1)

  it.each([
    ['text', 'string', 'must be given', 'Required, and of one line.'],
    ['either', 'string or strings', 'none', 'One or several.'],
    ['word', "`'first'` or `'second'`", "`'first'`", 'Words of an alias.'],
    ['listed', "`'deny'` or `'allow'` or `false`", "`'deny'`", 'Words of an array.'],
    ['switched', 'boolean', '`true`, but `false` in a test run', 'A default that is a sentence.'],
    ['called', 'function', 'none', 'A function.'],
    ['held', '`Held`', 'see `held`', 'An interface.'],
    ['long', 'number', '5', 'The first paragraph alone, though it is written in two lines.'],
    ['counted', 'numbers', 'none', String.raw`A bar \| of a table.`],
  ])('tells of the option %s by type, default and meaning', (name, ...cells) => {
    const row = print('options: SampleOptions').find(([option]) => option === `\`${name}\``)
    expect(row?.slice(1)).toEqual(cells)
  })

  it('tells of a method by the names of its parameters', () => {
    expect(print('members: SampleStore')).toEqual([
      ['`size`', 'number, if any', 'Entries held.'],
      ['`put(key, value)`', 'method', 'Holds a value.'],
    ])
  })

  it.each([
    ['has no docstring', 'Undocumented', /Undocumented\.bare: .* 0 characters/],
    ['says more than a row can hold', 'TooLong', /TooLong\.long: .* 24\d characters/],
    ['is of no interface', 'Nowhere', /no exported interface Nowhere/],
  ])('is not printed where a member %s', (_name, name, message) => {
    expect(() => print(`options: ${name}`)).toThrow(message)
  })

  it('changes nothing outside of its markers', () => {
    const page = 'before\n\n| a | b |\n\nafter\n'
    const none: Declarations = { interfaces: new Map(), aliases: new Map() }
    expect(withTables(page, none)).toBe(page)
  })
})

/** Lines of one letter each, as a diff shows them. */
const lines = (from: string, to: string): string[] =>
  near(differences(from.split(''), to.split(''))).map(({ mark, text }) => mark + text)

describe('a printed diff', () => {
  it.each([
    ['a line that comes in, beside its neighbours', 'abcd', 'abxcd', [' b', '+x', ' c']],
    ['a line that goes', 'abcd', 'abd', [' b', '-c', ' d']],
    ['a line that changes', 'abc', 'axc', [' a', '-b', '+x', ' c']],
    ['lines at both ends, with dots between', 'abcde', 'xabcdey', ['+x', ' a', ' …', ' e', '+y']],
    ['nothing of files that are alike', 'abc', 'abc', []],
  ])('shows %s', (_name, from, to, shown) => {
    expect(lines(from, to)).toEqual(shown)
  })
})
