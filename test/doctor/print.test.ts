import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { finding, type Status } from '../../lib/doctor/finding.js'
import {
  ourVersion,
  printFinding,
  printJson,
  printSummary,
  type Output,
} from '../../lib/doctor/print.js'

/** What these functions write to a stream. */
function printed(print: (to: Output) => void, isTTY = false): string {
  let text = ''
  print({ isTTY, write: (part: string) => (text += part) } as unknown as Output)
  return text
}

const COLOURS = ['FORCE_COLOR', 'NO_COLOR', 'TERM'] as const
const before = COLOURS.map((name) => [name, process.env[name]] as const)
const clear = (): void => COLOURS.forEach((name) => delete process.env[name])
beforeEach(clear)
afterEach(() => {
  clear()
  for (const [name, value] of before) if (value !== undefined) process.env[name] = value
})

describe('a finding', () => {
  it.each<[Status, string]>([
    ['ok', 'ok       keys        d\n'],
    ['warning', 'warning  keys        d\n'],
    ['failed', 'FAILED   keys        d\n'],
    ['skipped', 'skipped  keys        d\n'],
  ])('that is %s is one line', (status, line) => {
    expect(printed((to) => printFinding(finding('keys', status, 'd'), to))).toBe(line)
  })

  it('has a line each for cause, fix and where more is told', () => {
    const found = finding('keys', 'failed', 'd', { cause: 'c', fix: 'f', reason: 'expired' })
    expect(printed((to) => printFinding(found, to))).toBe(
      [
        'FAILED   keys        d',
        '                     cause: c',
        '                     fix:   f',
        '                     more:  docs/reasons.md#expired',
        '',
      ].join('\n'),
    )
  })

  it.each<[string, boolean, Record<string, string>, boolean]>([
    ['a terminal', true, {}, true],
    ['a file', false, {}, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['a terminal that is dumb', true, { TERM: 'dumb' }, false],
    ['a file with FORCE_COLOR', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['a terminal with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ])('on %s is coloured or plain', (_what, isTTY, env, coloured) => {
    Object.assign(process.env, env)
    const text = printed((to) => printFinding(finding('keys', 'failed', 'd'), to), isTTY)
    expect(text).toBe(`${coloured ? '\u001B[31mFAILED  \u001B[39m' : 'FAILED  '} keys        d\n`)
  })
})

const endOf = (...statuses: Status[]): string =>
  printed((to) =>
    printSummary(
      statuses.map((status) => finding('x', status, 'd')),
      to,
    ),
  )

describe('the end', () => {
  it.each<[Status[], string]>([
    [['ok', 'skipped'], 'Nothing wrong'],
    [['ok', 'warning'], 'Nothing wrong, 1 warning'],
    [['warning', 'warning'], 'Nothing wrong, 2 warnings'],
    [['failed', 'ok'], '1 FAILED'],
    [['failed', 'failed', 'warning'], '2 FAILED, 1 warning'],
  ])('of %j is "%s"', (statuses, line) => {
    expect(endOf(...statuses)).toBe(`\n${line}\n`)
  })

  it.each<[Status, boolean]>([
    ['warning', true],
    ['failed', false],
  ])('for a machine says whether all is well: %s, %j', (status, ok) => {
    const found = finding('x', status, 'd')
    expect(JSON.parse(printed((to) => printJson([found], to)))).toEqual({
      version: ourVersion(),
      ok,
      findings: [found],
    })
    expect(ourVersion()).toMatch(/^\d+\.\d+\.\d+/)
  })
})
