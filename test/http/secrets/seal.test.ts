import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { createSeal } from '../../../lib/http/secrets/seal.js'
import { FUZZ_RUNS } from '../../support/runs.js'

const check = optionCheck('tokenCookie')
const OLD = 'an old secret of at least 32 bytes'
const NEW = new Uint8Array(32).fill(7)
const seal = createSeal(check, 'seal', [OLD], 'at')

describe('createSeal', () => {
  it('opens what it sealed, and shows nothing of it (BFF-07)', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (text) => {
        const sealed = seal.seal(text)
        expect(seal.open(sealed)).toBe(text)
        expect(sealed).toMatch(/^v1\.[\w-]+$/)
        expect(Buffer.from(sealed.slice(3), 'base64url').includes(text)).toBe(false)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('seals no text at all, too', () => {
    expect(seal.open(seal.seal(''))).toBe('')
  })

  it('does not open what another version sealed', () => {
    expect(seal.open(`v2.${seal.seal('token').slice(3)}`)).toBeUndefined()
  })

  it('seals the same differently each time', () => {
    expect(seal.seal('token')).not.toBe(seal.seal('token'))
  })

  it('does not open what was changed by a bit (COOK-10)', () => {
    const bytes = Buffer.from(seal.seal('token').slice(3), 'base64url')
    const opened = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      return seal.open(`v1.${changed.toString('base64url')}`)
    })
    expect(opened.filter((text) => text !== undefined)).toEqual([])
  })

  it.each(['', 'v1.', 'v1.AAAA', 'v2.AAAA', 'a.b.c', `v1.${'A'.repeat(40)}`])(
    'does not open %p',
    (value) => {
      expect(seal.open(value)).toBeUndefined()
    },
  )

  it('does not open for another cookie, whatever the secret', () => {
    expect(createSeal(check, 'seal', [OLD], 'other').open(seal.seal('token'))).toBeUndefined()
  })

  it('opens across a rotation as long as the old secret is listed', () => {
    const sealed = seal.seal('token')
    expect(createSeal(check, 'seal', [NEW, OLD], 'at').open(sealed)).toBe('token')
    expect(createSeal(check, 'seal', [NEW], 'at').open(sealed)).toBeUndefined()
  })

  it.each([[[]], [['short']], [['x'.repeat(31)]], ['x'.repeat(32)]])(
    'refuses the secrets %j at construction',
    (secrets) => {
      expect(() => createSeal(check, 'seal', secrets as never, 'at')).toThrow(/"seal" must/)
    },
  )
})
