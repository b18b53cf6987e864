import { expect, it } from '@jest/globals'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { compileFamilyRules, FAMILY_OPTION_NAMES } from '../../lib/session/family-options.js'

const compile = (options: object): unknown =>
  compileFamilyRules(optionCheck('refreshFamilies'), options as never)

it('a login lasts 14 days without use and 30 days in all, with ten seconds of grace', () => {
  expect(compile({})).toStrictEqual({
    idleMs: 14 * 86_400_000,
    absoluteMs: 30 * 86_400_000,
    graceMs: 10_000,
    mostPerSubject: 100,
  })
})

it.each([
  'issuer',
  'secrets',
  'revocations',
  'idleSeconds',
  'absoluteSeconds',
  'graceSeconds',
  'maxFamiliesPerSubject',
  'onEvent',
])('lets an app say "%s"', (name) => {
  const known = (): void => optionCheck('test').known({ [name]: true }, FAMILY_OPTION_NAMES)
  expect(known).not.toThrow()
})

it('takes seconds and fractions of them, and no grace at all', () => {
  const given = { idleSeconds: 60.0005, absoluteSeconds: 60, graceSeconds: 0 }
  expect(compile({ ...given, maxFamiliesPerSubject: 1 })).toStrictEqual({
    idleMs: 60_001,
    absoluteMs: 60_000,
    graceMs: 0,
    mostPerSubject: 1,
  })
})

it.each([
  ['idleSeconds', [59, 31_536_001, '60', Number.NaN]],
  ['absoluteSeconds', [59, 315_360_001, null]],
  ['graceSeconds', [-1, 60.5, Infinity]],
  ['maxFamiliesPerSubject', [0, 1001, 1.5]],
])('refuses a bad %s', (name, values) => {
  for (const value of values) {
    expect(() => compile({ [name]: value })).toThrow(
      new RegExp(`^refreshFamilies: "${name}" must be a (?:whole )?number from `),
    )
  }
})
