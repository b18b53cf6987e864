import { describe, expect, it } from '@jest/globals'
import type { Auth } from '../../lib/core/auth/auth.js'
import { authState } from '../../lib/http/guard/auth-state.js'
import { factsOf } from '../../lib/http/guard/facts.js'
import {
  AuthError,
  jtiAllowlist,
  memoryRevocationStore,
  type RevocationQuery,
  type RevocationStore,
} from '../../lib/index.js'
import { authWith, behindBearer, letIn } from '../support/behind-bearer.js'

const auth = Object.freeze(authWith())

/** A store in which this token alone is registered, and what it was asked. */
function storeWith(tokenId: string): RevocationStore & { readonly asked: RevocationQuery[] } {
  const asked: RevocationQuery[] = []
  return {
    ...memoryRevocationStore(),
    asked,
    check(query) {
      asked.push(query)
      const isListed = query.issuer.startsWith('registered') && query.tokenId === tokenId
      return isListed ? { revoked: true, by: 'token' } : { revoked: false }
    },
  }
}

describe('what jtiAllowlist asks', () => {
  it('is one and the same question for one token: stores remember what they look up for it', () => {
    const store = storeWith(auth.tokenId)
    const guard = jtiAllowlist(store)
    expect([behindBearer(guard, auth), behindBearer(guard, auth)]).toEqual(['next', 'next'])
    const [listed, revoked, again] = store.asked
    expect(again).toBe(listed)
    expect(revoked).toBe(auth)
    expect(Object.isFrozen(listed)).toBe(true)
  })

  it('is what the token says now, where a verifier of the app changes what it gave before', () => {
    const changing = authWith({ tokenId: 'token-1' })
    const guard = jtiAllowlist(storeWith('token-1'))
    expect(behindBearer(guard, changing)).toBe('next')
    Object.assign(changing, { tokenId: 'token-2' } satisfies Partial<Auth>)
    expect(behindBearer(guard, changing)).toMatchObject({ status: 401, reason: 'not_registered' })
  })

  it('is nothing for an anonymous request, which is handed on once', () => {
    const store = storeWith('')
    const handed: unknown[] = []
    const { req, res } = letIn(undefined)
    jtiAllowlist(store)(req, res, (error) => handed.push(error))
    expect([handed, store.asked]).toEqual([[undefined], []])
  })
})

describe('what jtiAllowlist tells of itself', () => {
  it('is, for an audit, that it refuses in an outage', () => {
    const guard = jtiAllowlist(memoryRevocationStore())
    expect(factsOf(guard)).toEqual([{ kind: 'blocklist', onUnavailable: 'refuse' }])
  })

  it('is, for an open stream, that no outage lets it go on', () => {
    const { req, res } = letIn(auth)
    jtiAllowlist(storeWith(auth.tokenId))(req, res, () => undefined)
    const { denylist, responder } = authState(req)!
    const outage = new AuthError('temporarily_unavailable', { reason: 'revocation_unavailable' })
    expect(denylist!.recheck.bypass(outage, { auth, req, responder })).toBe(false)
  })
})
