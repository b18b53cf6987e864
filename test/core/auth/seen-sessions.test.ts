import { describe, expect, it } from '@jest/globals'
import type { Auth } from '../../../lib/core/auth/auth.js'
import { namesSessions, noteSession } from '../../../lib/core/auth/seen-sessions.js'
import { authWith } from '../../support/behind-bearer.js'

let issuers = 0
const newIssuer = (): string => `https://${(issuers += 1)}.seen.test`

describe('whether an issuer names sessions', () => {
  it.each<[string, Partial<Auth>[], boolean | undefined]>([
    ['is not known before a token came', [], undefined],
    ['is so where one does', [{ sessionId: 's' }], true],
    ['is not so where none does', [{}, {}], false],
    ['is so once one does', [{}, { sessionId: 's' }], true],
    ['stays so where others do not', [{ sessionId: 's' }, {}], true],
    ['is not told by a token of a machine', [{ subject: 'client-1' }], undefined],
    ['is not told by a token without a user', [{ subject: undefined }], undefined],
  ])('%s', (_name, tokens, expected) => {
    const revocationIssuer = newIssuer()
    for (const token of tokens) noteSession(authWith({ ...token, revocationIssuer }))
    expect(namesSessions(revocationIssuer)).toBe(expected)
  })

  it('is remembered of a thousand issuers, and known ones may still change', () => {
    const known = newIssuer()
    noteSession(authWith({ revocationIssuer: known }))
    for (let n = 0; n < 1000; n += 1) noteSession(authWith({ revocationIssuer: newIssuer() }))
    const late = newIssuer()
    noteSession(authWith({ revocationIssuer: late }))
    expect(namesSessions(late)).toBeUndefined()
    noteSession(authWith({ revocationIssuer: known, sessionId: 's' }))
    expect(namesSessions(known)).toBe(true)
    const shared = Reflect.get(
      globalThis,
      Symbol.for('express-resource-server.seen-sessions'),
    ) as Map<string, boolean>
    expect(shared.size).toBe(1000)
  })
})
