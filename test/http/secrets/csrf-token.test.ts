import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { createCsrfTokens } from '../../../lib/http/secrets/csrf-token.js'
import { FUZZ_RUNS } from '../../support/runs.js'

const check = optionCheck('csrfGuard')
const OLD = 'an old secret of at least 32 bytes'
const NEW = new Uint8Array(32).fill(7)
const tokens = createCsrfTokens(check, [OLD])

describe('CSRF tokens', () => {
  it('belong to one session, and to no other (BFF-12)', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (session, other) => {
        const token = tokens.issue(session)
        expect(tokens.verify(token, session)).toBe(true)
        expect(tokens.verify(token, other)).toBe(session === other)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('are no longer valid when a character is changed', () => {
    const token = tokens.issue('session')
    // The last characters of 16 and of 32 bytes carry bits that belong to none of them.
    const spare = [24, token.length - 1]
    const changes = Array.from(token, (char, index) => {
      const other = char === 'A' ? 'B' : 'A'
      return token.slice(0, index) + other + token.slice(index + 1)
    })
    const accepted = changes.flatMap((changed, index) =>
      tokens.verify(changed, 'session') && !spare.includes(index) ? [index] : [],
    )
    expect(accepted).toEqual([])
  })

  it.each(['', 'v1', 'v1..', 'v2.a.b', 'null', '__proto__', 'v1.' + 'A'.repeat(66)])(
    'are not %p',
    (token) => {
      expect(tokens.verify(token, 'session')).toBe(false)
    },
  )

  it('are not what stands before or behind something else', () => {
    const token = tokens.issue('session')
    for (const more of [`${token}A`, `A${token}`, `${token}\n`]) {
      expect(tokens.verify(more, 'session')).toBe(false)
    }
  })

  it('are those of earlier versions too: pages outlive a deployment', () => {
    const random = Buffer.alloc(16, 1)
    const key = Buffer.from(hkdfSync('sha256', OLD, '', 'csrf/v1', 32))
    const mac = createHmac('sha256', key)
      .update('8|s\u00E9ssion')
      .update(random)
      .digest('base64url')
    const token = `v1.${random.toString('base64url')}.${mac}`
    expect(tokens.verify(token, 's\u00E9ssion')).toBe(true)
  })

  it('are fresh each time, so that compression leaks none of them', () => {
    expect(tokens.issue('session')).not.toBe(tokens.issue('session'))
  })

  it('outlive a rotation as long as the old secret is listed', () => {
    const token = tokens.issue('session')
    expect(createCsrfTokens(check, [NEW, OLD]).verify(token, 'session')).toBe(true)
    expect(createCsrfTokens(check, [NEW]).verify(token, 'session')).toBe(false)
    const rotated = createCsrfTokens(check, [NEW, OLD]).issue('session')
    expect(createCsrfTokens(check, [NEW]).verify(rotated, 'session')).toBe(true)
  })

  it.each([
    [[]],
    [['short']],
    [[new Uint8Array(31)]],
    [[undefined]],
    ['x'.repeat(32)],
    [undefined],
  ])('refuse the secrets %p at construction, without showing them', (secrets) => {
    const create = (): unknown => createCsrfTokens(check, secrets as never)
    expect(create).toThrow(/"token\.secrets" must/)
    expect(create).not.toThrow(/short'|xxxx/)
  })
})
