import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { declarationsOf, type Declarations } from '../tools/docs/reference/declarations.js'
import { differences, near } from '../tools/docs/reference/diffs.js'
import { withFunctions } from '../tools/docs/reference/functions.js'
import { printedPages } from '../tools/docs/reference/pages.js'
import { withTables } from '../tools/docs/reference/tables.js'

const library = declarationsOf('lib')
const pages = await printedPages(library)

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

  it('names methods as they are called, alone where there is nothing else', () => {
    expect(print('members: SampleCalls')).toEqual([
      ['`all({ a, b })`', 'Spelt out.'],
      ['`some({ it, … })`', 'With more that may be given.'],
      ['`none(of?, also?)`', 'May be left out.'],
      ['`opaque(of)`', 'Of a type that is not spelt out.'],
    ])
  })

  it('tells of the properties and getters of a class, and of nothing that it inherits', () => {
    expect(print('members: SampleError')).toEqual([
      ['`code`', 'string', 'A property.'],
      ['`status`', 'number', 'A getter.'],
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
    const none: Declarations = {
      interfaces: new Map(),
      ambiguous: new Set(),
      functions: new Map(),
      aliases: new Map(),
    }
    expect(withTables(page, none)).toBe(page)
  })
})

describe('a printed function', () => {
  const declarations = declarationsOf('test/support/reference')
  const print = (names: string): string[] =>
    withFunctions(`<!-- export: ${names} -->\n<!-- end -->\n`, declarations).split('\n\n')

  it('is all ways to call it, its docstring, what it takes, returns and throws, and its source', () => {
    expect(print('sampleGuard').slice(1, -1)).toEqual([
      '`sampleGuard(names: string | readonly string[], held?: Held): () => void`\\\n`sampleGuard(...names: readonly string[]): () => void`',
      'Refuses a request, as guards do.',
      '| refused because | status |\n| --------------- | ------ |\n| it may not pass | 403    |',
      '- `names`: One or more.',
      'Returns the guard.',
      'Throws `TypeError` at construction, for no names.',
      'See RFC 6750 §3.',
    ])
  })

  it('has a heading where there are several', () => {
    expect(print('sampleGuard, sampleGuard')).toContain('### sampleGuard')
  })

  it.each([
    ['has no docstring', 'bareGuard', /bareGuard: it has no docstring/],
    ['is not there', 'noGuard', /no exported function noGuard/],
  ])('is not printed where it %s', (_name, name, message) => {
    expect(() => print(name)).toThrow(message)
  })

  const printed = pages.map(({ printed: page }) => page).join('\n')
  const told = [...printed.matchAll(/^<!-- export: ([\w, ]+) -->$/gm)].flatMap(([, names = '']) =>
    names.split(', '),
  )

  it.each(readdirSync('lib').filter((name) => name.endsWith('.ts')))(
    'stands on a page for each function that lib/%s exports',
    (entry) => {
      const lists = readFileSync(`lib/${entry}`, 'utf8').match(/^export \{[^}]*\}/gm) ?? []
      const exported = lists.join().match(/\w+/g) ?? []
      expect(
        exported.filter((name) => library.functions.has(name) && !told.includes(name)),
      ).toEqual([])
    },
  )
})

describe('tables by hand', () => {
  const references = readdirSync('docs/reference').map((name) => `docs/reference/${name}`)

  it.each(['docs/testing.md', ...references])('are of no options or members: %s', (path) => {
    const page = readFileSync(path, 'utf8').replaceAll(
      /^<!-- (?:options|members|export): .*?^<!-- end -->$/gms,
      '',
    )
    expect(page.match(/^\| (?:option|member|method)s? .*$/gm) ?? []).toEqual([])
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
