import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { createFamilyTokens, newFamilyId } from '../../lib/session/family-token.js'

const OLD = 'a secret of last year, 32 bytes or more'
const NEW = 'a secret of this year, 32 bytes or more'
const ISSUER = 'https://id.test'
const check = optionCheck('test')
const family = newFamilyId(ISSUER, 'user-1')

describe('refresh tokens of a family', () => {
  const tokens = createFamilyTokens(check, [NEW, OLD], ISSUER)

  it('say which family and which number they are, and nothing of the user', () => {
    const token = tokens.format(family, 7)
    expect(tokens.parse(token)).toStrictEqual({ family, count: 7 })
    expect(token).not.toContain('user-1')
  })

  it('are good while their secret is listed, and are made by the first', () => {
    const before = createFamilyTokens(check, [OLD], ISSUER).format(family, 1)
    expect(tokens.parse(before)).toBeDefined()
    expect(createFamilyTokens(check, [NEW], ISSUER).parse(before)).toBeUndefined()
    const after = tokens.format(family, 2)
    expect(createFamilyTokens(check, [NEW], ISSUER).parse(after)).toBeDefined()
  })

  it('are none of another issuer that has the same secrets', () => {
    const elsewhere = createFamilyTokens(check, [NEW, OLD], 'https://other.test')
    expect(elsewhere.parse(tokens.format(family, 1))).toBeUndefined()
  })

  it('have the same tag for one user, so that all families of theirs share a slot', () => {
    expect(newFamilyId(ISSUER, 'user-1').tag).toBe(family.tag)
    expect(newFamilyId(ISSUER, 'user-2').tag).not.toBe(family.tag)
    expect(newFamilyId(ISSUER, 'user-1').id).not.toBe(family.id)
  })

  it('are refused once any character is another', () => {
    const token = tokens.format(family, 12)
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '.', 'v', '1'),
        (index, character) => {
          fc.pre(token[index] !== character)
          const changed = token.slice(0, index) + character + token.slice(index + 1)
          // The last character of the HMAC has two bits that no decoder reads.
          expect(index === token.length - 1 ? undefined : tokens.parse(changed)).toBeUndefined()
        },
      ),
    )
  })

  it.each(['', 'v1', 'v1...', 'v2.a.1.b', 'v1.'.repeat(2000), '\u0000'])(
    'take %j for none',
    (text) => {
      expect(tokens.parse(text)).toBeUndefined()
    },
  )

  it('take any text for none', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(tokens.parse(text)).toBeUndefined()))
  })

  it('want secrets of 32 bytes', () => {
    expect(() => createFamilyTokens(check, ['short'], ISSUER)).toThrow(
      /"secrets" must hold strings/,
    )
    expect(() => createFamilyTokens(check, [], ISSUER)).toThrow(/"secrets" must be a list/)
  })
})
