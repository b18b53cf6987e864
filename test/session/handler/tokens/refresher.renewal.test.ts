import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError, invalidToken } from '../../../../lib/core/verdicts/errors.js'
import type { AuthEvent } from '../../../../lib/index.js'
import type { Session, Tokens } from '../../../../lib/session/handler/sessions/session.js'
import type { SessionStore } from '../../../../lib/session/session-store.js'
import { handlerParts, START, type HandlerParts } from '../../../support/handler-parts.js'
import { settle } from '../../../support/manual-timer.js'

const LIFE_SECONDS = 300
const OUT = new AuthError('temporarily_unavailable', { reason: 'sessions_unavailable' })

let parts: HandlerParts
let store: SessionStore
let events: readonly AuthEvent[]
let id: string
let session: Session

beforeEach(async () => {
  parts = handlerParts()
  events = parts.events
  store = parts.context.store
  const claims = { sub: 'alice', name: 'Alice', auth_time: 1 }
  const tokens = parts.tokens({ accessToken: 'access-1', claims })
  const begun = await parts.context.sessions.start(tokens, undefined)
  if (begun instanceof AuthError) throw begun
  ;({ id, session } = begun)
  issuerGives()
  parts.later(LIFE_SECONDS)
})

afterEach(() => parts.close())

/** What the issuer gives for the refresh token from now on. */
function issuerGives(changes: Partial<Tokens> = {}): void {
  parts.client.refresh = async () =>
    parts.tokens({ accessToken: 'access-2', refreshToken: 'refresh-2', ...changes })
}

const fresh = (): Promise<Session | AuthError> => parts.refresher.fresh(session)
const askedFor = (name: string): unknown[] =>
  parts.called.flatMap(([called, given]) => (called === name ? [given] : []))

/** Whether somebody else may renew the session now. */
async function isFree(): Promise<boolean> {
  return (await store.lock(session.key, 'another', 1)) !== 'held'
}

describe('a renewed session', () => {
  it('has all that the issuer gave anew, and the claims that it did not repeat', async () => {
    issuerGives({ idToken: 'id-2', claims: { sub: 'alice', auth_time: 2 } })
    const now = START + LIFE_SECONDS
    const renewed = {
      ...session,
      accessToken: 'access-2',
      accessExpiresAt: now + LIFE_SECONDS,
      refreshedAt: now,
      refreshToken: 'refresh-2',
      idToken: 'id-2',
      claims: { sub: 'alice', name: 'Alice', auth_time: 2 },
    }
    expect(await fresh()).toEqual(renewed)
    expect(await fresh()).toEqual(renewed)
    expect([askedFor('refresh'), await isFree()]).toEqual([['refresh-1'], true])
  })

  it('keeps what the issuer did not give anew', async () => {
    issuerGives({ refreshToken: undefined, idToken: undefined, claims: undefined })
    const { refreshToken, idToken, claims } = session
    const kept = { accessToken: 'access-2', refreshToken, idToken, claims }
    expect(await fresh()).toMatchObject(kept)
  })

  it('is told of once, by digests alone', async () => {
    await fresh()
    await fresh()
    const told = events.filter(({ name }) => name === 'session.refreshed')
    expect(told).toEqual([expect.objectContaining({ issuer: parts.issuer.issuer })])
    expect(JSON.stringify(told)).not.toMatch(/alice|access-|refresh-/)
  })

  it('is found in memory by the next request', async () => {
    await fresh()
    store.read = () => Promise.reject(OUT)
    expect(await parts.context.sessions.recall(id)).toMatchObject({ accessToken: 'access-2' })
  })

  it('is found in memory where another process has renewed it', async () => {
    await fresh()
    parts.context.sessions.keep(session, '')
    await fresh()
    store.read = () => Promise.reject(OUT)
    expect(await parts.context.sessions.recall(id)).toMatchObject({ accessToken: 'access-2' })
  })

  it.each([
    ['is revoked', 'refresh-2', ['refresh-2']],
    ['that is the old one is revoked as well', undefined, ['refresh-1']],
  ])('is nobody’s where it ended meanwhile: its refresh token %s', async (_what, next, revoked) => {
    parts.client.refresh = async () => {
      await parts.context.sessions.end(session, 'logout')
      return parts.tokens({ refreshToken: next })
    }
    expect(await fresh()).toMatchObject({ status: 401, reason: 'session_unknown' })
    expect(askedFor('revoke')).toEqual(revoked)
    expect(events.map(({ name }) => name)).not.toContain('session.refreshed')
  })

  it('is an outage where it could not be written, and is written behind the request', async () => {
    const written = store.write.bind(store)
    store.write = () => Promise.reject(OUT)
    expect(await fresh()).toBe(OUT)
    store.write = written
    await parts.timer.advance(250)
    expect(events.at(-1)).toMatchObject({ name: 'session.refreshed' })
    expect(await fresh()).toMatchObject({ accessToken: 'access-2' })
    expect(askedFor('refresh')).toEqual(['refresh-1'])
  })
})

describe('a renewal that cannot be', () => {
  it('says why, and ends the session in the store, where another user came back', async () => {
    issuerGives({ claims: { sub: 'mallory' } })
    expect(await fresh()).toMatchObject({
      reason: 'session_ended',
      detail: 'The issuer answered with the tokens of another user',
    })
    expect(await store.read(session.key, false)).toBeUndefined()
    expect(events.at(-1)).toMatchObject({ name: 'session.ended', by: 'issuer' })
  })

  it('is an outage where a session that the issuer ended cannot be ended', async () => {
    parts.client.refresh = async () => invalidToken('session_ended')
    store.end = () => Promise.reject(OUT)
    expect(await fresh()).toBe(OUT)
  })

  it('waits for who renews it elsewhere, and no longer than a call may take', async () => {
    await store.lock(session.key, 'another', 60_000)
    const waiting = fresh()
    await parts.timer.advance(6000)
    expect(await waiting).toMatchObject({ status: 503, reason: 'sessions_unavailable' })
    expect(askedFor('refresh')).toEqual([])
  })

  it('finds nobody where the session is over, or its record is not ours', async () => {
    store.lock = async () => ({ record: 'v1.AAAA', version: 1, idleExpiresAt: START + 600 })
    expect(await fresh()).toMatchObject({ reason: 'session_unknown' })
    store.lock = async () => undefined
    expect(await fresh()).toMatchObject({ reason: 'session_unknown' })
  })

  it('is tried again after a while, and sooner for a request that has no token', async () => {
    const out = new AuthError('temporarily_unavailable', {
      reason: 'issuer_unavailable',
      detail: 'no answer',
    })
    parts.client.refresh = async () => out
    for (let failures = 1; failures <= 7; failures += 1) {
      expect(await fresh()).toMatchObject({ reason: 'issuer_unavailable' })
      expect(await isFree()).toBe(true)
      await store.unlock(session.key, 'another')
      expect(await fresh()).toMatchObject({
        status: 503,
        reason: 'issuer_unavailable',
        detail: 'The last call failed: no answer',
      })
      expect(askedFor('refresh')).toHaveLength(failures)
      // The wait has grown to half a minute at least; with no token left, nobody sits out more than this.
      await parts.timer.advance(5000)
    }
    parts.later(-1)
    expect(await fresh()).toBe(session)
    await settle()
    expect(askedFor('refresh')).toHaveLength(7)
    await parts.timer.advance(60_000)
    expect(await fresh()).toBe(session)
    await settle()
    expect(askedFor('refresh')).toHaveLength(8)
  })

  it('counts no more once another has succeeded', async () => {
    parts.client.refresh = async () => OUT
    await fresh()
    await parts.timer.advance(1000)
    issuerGives({ accessExpiresAt: START })
    await fresh()
    await fresh()
    expect(askedFor('refresh')).toEqual(['refresh-1', 'refresh-1', 'refresh-2'])
  })
})
