import { hkdfSync } from 'node:crypto'
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

  it('makes the same key in each version: cookies and pages outlive a deployment', () => {
    const key = Buffer.from(hkdfSync('sha256', first, '', 'test/v1', 32))
    expect(derive([first])).toEqual([key.toString('hex')])
  })

  it('takes a secret of 32 bytes, however many characters that is', () => {
    expect(derive(['x'.repeat(32), '\u00E9'.repeat(16)])).toHaveLength(2)
  })

  it('makes another key for another purpose', () => {
    expect(derive([first], 'test/v2')).not.toEqual(derive([first]))
  })

  it.each([
    ['no secrets', [], 'be a list'],
    ['no list', first, 'be a list'],
    ['a short secret', [first, 'x'.repeat(31)], 'hold strings or bytes of at least 32 bytes'],
    ['a number', [7], 'hold strings or bytes'],
  ])('refuses %s, and does not show it', (_name, secrets, must) => {
    const making = (): unknown => derive(secrets as Secret[])
    expect(making).toThrow(`guard: "secrets" must ${must}`)
    expect(making).not.toThrow(/xxx|no\. 1/)
  })
})
