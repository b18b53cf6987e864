import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { admission } from '../../../../lib/tokens/issuers/registry/admission.js'

const ISSUER = 'https://id.test/t1'

afterEach(() => void jest.restoreAllMocks())

describe('admission', () => {
  it.each<[unknown, boolean]>([
    [true, true],
    [false, false],
    [undefined, false],
    [1, false],
    ['yes', false],
    [{}, false],
    [Promise.resolve(true), false],
  ])('admits by true alone: %p', (answer, admitted) => {
    const allow = jest.fn((_issuer: string) => answer)
    expect(admission(allow)(ISSUER)).toBe(admitted)
    expect(allow).toHaveBeenCalledWith(ISSUER)
  })

  it('asks about no token that names no issuer', () => {
    const allow = jest.fn(() => true)
    expect(admission(allow)('')).toBe(false)
    expect(allow).not.toHaveBeenCalled()
  })

  it.each<[string, unknown, string]>([
    ['an error', new RangeError(`Invalid ${ISSUER}`), 'RangeError'],
    ['a text', 'no', 'string'],
  ])('takes what it throws for a no, and warns once: %s', async (_name, error, kind) => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const throwing = admission(() => {
      throw error
    })
    const rejecting = admission(async () => Promise.reject(error))
    for (const admits of [throwing, rejecting]) {
      warn.mockClear()
      expect([admits(ISSUER), admits(ISSUER)]).toEqual([false, false])
      await new Promise(setImmediate)
      expect(warn.mock.calls).toEqual([
        [
          `issuers.allow() failed (${kind}), and so did not admit an issuer. Let it return false for whatever is no issuer of yours`,
          { code: 'ERS_ISSUER_ALLOW' },
        ],
      ])
    }
  })
})
