import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { sha256 } from '../../lib/core/sha256.js'
import { createFamilyTokens, newFamilyId, subjectTag } from '../../lib/session/family-token.js'

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

  it('are the same in each version: families outlive a deployment', () => {
    const tag = sha256(JSON.stringify([ISSUER, 'user-1'])).slice(0, 18)
    expect(subjectTag(ISSUER, 'user-1')).toBe(tag)
    const key = Buffer.from(hkdfSync('sha256', NEW, '', `refresh-family/v1/${ISSUER}`, 32))
    const signed = `v1.${tag}ABCDEFGHI.12`
    const mac = createHmac('sha256', key).update(signed).digest('base64url')
    expect(tokens.format({ tag, id: 'ABCDEFGHI' }, 12)).toBe(`${signed}.${mac}`)
    expect(tokens.parse(`${signed}.${mac}`)).toEqual({
      family: { tag, id: 'ABCDEFGHI' },
      count: 12,
    })
  })

  it('have ids of nine characters, of which no two logins have one', () => {
    const ids = Array.from({ length: 100 }, () => newFamilyId(ISSUER, 'user-1').id)
    for (const id of ids) expect(id).toMatch(/^[\w-]{9}$/)
    expect(new Set(ids).size).toBe(100)
  })

  it('tell users apart whose names run into that of the issuer', () => {
    expect(subjectTag('https://id.test/a', 'b')).not.toBe(subjectTag('https://id.test/', 'ab'))
  })

  it.each([
    ['something before it', (token: string) => `x${token}`],
    ['something behind it', (token: string) => `${token}A`],
    ['a line behind it', (token: string) => `${token}\n`],
    ['an HMAC cut short', (token: string) => token.slice(0, -1)],
    ['no HMAC', (token: string) => token.slice(0, token.lastIndexOf('.') + 1)],
  ])('are none with %s', (_what, change) => {
    expect(tokens.parse(change(tokens.format(family, 7)))).toBeUndefined()
  })

  it.each([0, -1, 1.5, 1e15])('are none with the number %p, though it is signed', (count) => {
    expect(tokens.parse(tokens.format(family, count))).toBeUndefined()
  })

  it('count up to 15 digits', () => {
    expect(tokens.parse(tokens.format(family, 999_999_999_999_999))).toMatchObject({
      count: 999_999_999_999_999,
    })
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
