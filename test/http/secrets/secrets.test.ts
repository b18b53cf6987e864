import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { deriveKeys, type Secret } from '../../../lib/http/secrets/secrets.js'

const check = optionCheck('guard')
const [first, second] = [
  'a secret of at least 32 bytes, no. 1',
  'a secret of at least 32 bytes, no. 2',
]

const derive = (secrets: readonly Secret[], purpose = 'test/v1'): readonly string[] =>
  deriveKeys(check, 'secrets', secrets, purpose).map((key) => key.toString('hex'))

describe('deriveKeys', () => {
  it('makes one key of 32 bytes a secret, in their order', () => {
    const keys = derive([first, second])
    expect(keys.map((key) => key.length)).toEqual([64, 64])
    expect(derive([second, first])).toEqual(keys.toReversed())
  })

  it('makes the same key of a string and of its bytes', () => {
    expect(derive([Buffer.from(first)])).toEqual(derive([first]))
  })

  it('makes another key for another purpose', () => {
    expect(derive([first], 'test/v2')).not.toEqual(derive([first]))
  })

  it.each([
    ['no secrets', []],
    ['no list', first],
    ['a short secret', [first, 'x'.repeat(31)]],
    ['a number', [7]],
  ])('refuses %s, and does not show it', (_name, secrets) => {
    const making = (): unknown => derive(secrets as Secret[])
    expect(making).toThrow(/^guard: "secrets" must /)
    expect(making).not.toThrow(/xxx|no\. 1/)
  })
})
