import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { compileAuthorization } from '../../../lib/signals/delivery/authorization.js'

const check = optionCheck('sharedSignals')

describe('the Authorization of a transmitter', () => {
  it.each<[string, string | readonly string[] | undefined, string | undefined, boolean]>([
    ['anything where none is asked for', undefined, undefined, true],
    ['the value', 'Bearer a', 'Bearer a', true],
    ['another', 'Bearer a', 'Bearer b', false],
    ['a beginning of it', 'Bearer ab', 'Bearer a', false],
    ['a longer one', 'Bearer a', 'Bearer a ', false],
    ['another spelling', 'Bearer a', 'bearer a', false],
    ['none', 'Bearer a', undefined, false],
    ['an empty one', 'Bearer a', '', false],
    ['the first of a list', ['old', 'new'], 'old', true],
    ['the last of a list', ['old', 'new'], 'new', true],
    ['a list as text', ['old', 'new'], 'old,new', false],
  ])('is judged: %s', (_what, option, header, expected) => {
    expect(compileAuthorization(check, option)(header)).toBe(expected)
  })

  it.each([[''], [7], [[]], [['a', '']], [['a', 7]], [null]])('is refused: %j', (option) => {
    expect(() => compileAuthorization(check, option as never)).toThrow(
      /"authorization" must be the value of a header, or a list of them/,
    )
  })

  it('is never quoted', () => {
    expect(() => compileAuthorization(check, ['Bearer secret', 7] as never)).not.toThrow(/secret/)
  })
})
