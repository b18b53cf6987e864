import { describe, expect, it } from '@jest/globals'
import { inspect } from 'node:util'
import type { Auth } from '../../../lib/core/auth/auth.js'
import { VerifiedAuth } from '../../../lib/core/auth/verified-auth.js'

const WHOLE: Auth = {
  issuer: 'https://id.test',
  revocationIssuer: 'https://id.test',
  subject: 'alice',
  clientId: 'client-1',
  actor: undefined,
  audience: ['https://api.test'],
  scopes: new Set(['notes:read']),
  roles: new Set(),
  permissions: new Set(),
  tokenId: 'token-1',
  sessionId: 'session-1',
  issuedAt: 1,
  expiresAt: 2,
  version: 3,
  claims: { email: 'a@example.com' },
  transport: 'header',
}
const auth = new VerifiedAuth(WHOLE, 0)

describe('a name that other packages have', () => {
  it.each([
    ['sub', /req\.auth has no "sub": the user is authOf\(req\)\.subject/],
    ['payload', /req\.auth has no "payload": every claim is in authOf\(req\)\.claims/],
  ] as const)('is an error where it is read: %s', (name, message) => {
    expect(() => auth[name]).toThrow(message)
    expect(() => auth[name]).toThrow(TypeError)
  })

  it('is met by nothing that copies, lists, compares, writes or prints', () => {
    const names: string[] = []
    // oxlint-disable-next-line guard-for-in -- what is inherited is the question
    for (const name in auth) names.push(name)
    expect(names).toEqual(Object.keys(WHOLE))
    expect(Object.assign({}, auth)).toEqual(WHOLE)
    expect(JSON.stringify(auth)).toBe(JSON.stringify(WHOLE))
    expect(structuredClone(auth)).toEqual(WHOLE)
    expect(inspect(auth)).toBe(inspect(WHOLE))
  })

  it('leaves all of the Auth as it was, frozen', () => {
    expect(auth).toEqual(WHOLE)
    expect(Object.isFrozen(auth)).toBe(true)
    expect('toString' in auth).toBe(true)
  })
})
