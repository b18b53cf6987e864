import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import type { AuthEvent, RevocationStore } from '../../../../lib/index.js'
import type { Session, Tokens } from '../../../../lib/session/handler/sessions/session.js'
import type { Sessions } from '../../../../lib/session/handler/sessions/sessions.js'
import type { SessionStore } from '../../../../lib/session/session-store.js'
import { handlerParts, START, type HandlerParts } from '../../../support/handler-parts.js'

const OUT = new AuthError('temporarily_unavailable', { reason: 'sessions_unavailable' })
const outage = (): Promise<never> => Promise.reject(OUT)

const TOKENS: Tokens = {
  accessToken: 'access',
  accessExpiresAt: START + 3600,
  refreshToken: 'refresh',
  idToken: 'id',
  claims: { sub: 'user', sid: 'sid', name: 'Ann' },
}
const OF_USER = { subject: 'user', startedAt: START }

let parts: HandlerParts
let sessions: Sessions
let store: SessionStore
let revocations: RevocationStore
let events: readonly AuthEvent[]
/** What the denylist was told. */
let told: unknown[]

beforeEach(() => {
  parts = handlerParts()
  events = parts.events
  ;({ sessions, store, revocations } = parts.context)
  told = []
})

afterEach(() => parts.close())

async function begin(
  changes: Partial<Tokens> = {},
): Promise<{ readonly id: string; readonly session: Session }> {
  const begun = await sessions.start({ ...TOKENS, ...changes }, undefined)
  if (begun instanceof AuthError) throw begun
  return begun
}

function noteRevocations(): void {
  const revokeToken = revocations.revokeToken.bind(revocations)
  revocations.revokeToken = (named) => (told.push(named), revokeToken(named))
}

/** Makes the store answer with what it has now, and notes which reads put the session off. */
async function freeze(key: string): Promise<readonly boolean[]> {
  const stored = await store.read(key, false)
  const uses: boolean[] = []
  store.read = async (_key, use) => (uses.push(use), stored)
  return uses
}

describe('a login', () => {
  it('begins a session of its own, with all that the issuer gave, until its absolute end', async () => {
    const first = await sessions.start(TOKENS, 'step-up')
    const { id, session } = await begin()
    expect(first).toMatchObject({
      session: {
        ...TOKENS,
        subject: 'user',
        sessionId: 'sid',
        startedAt: START,
        refreshedAt: START,
        expiresAt: START + 36_000,
        stepUp: 'step-up',
      },
    })
    expect(first).not.toMatchObject({ id })
    expect(await sessions.find(id, false)).toEqual({
      session,
      version: 1,
      idleExpiresAt: START + 3600,
    })
  })

  it('knows no session of the issuer where "sid" is no text', async () => {
    const { session } = await begin({ claims: { sub: 'user', sid: 7 } })
    expect(session.sessionId).toBeUndefined()
  })

  it.each<[string, Partial<Tokens>]>([
    ['no ID token', { idToken: undefined }],
    ['no claims', { claims: undefined }],
    ['no user in them', { claims: { sid: 'sid' } }],
    ['a user that is no text', { claims: { sub: 7 } }],
  ])('begins none with %s', async (_what, changes) => {
    expect(await sessions.start({ ...TOKENS, ...changes }, undefined)).toMatchObject({
      code: 'login_failed',
      reason: 'login_refused',
      detail: 'There is no ID token',
    })
    expect(events).toEqual([])
  })

  it('begins none, and tells of none, where the store does not answer', async () => {
    store.create = outage
    expect(await sessions.start(TOKENS, undefined)).toBe(OUT)
    expect(events).toEqual([])
  })
})

describe('events of sessions', () => {
  it('tell of begin and end by the same digests, and of nothing else', async () => {
    const { session } = await begin()
    await sessions.end(session, 'logout')
    const [began, ended] = events
    expect(began).toEqual({
      name: 'session.started',
      issuer: parts.issuer.issuer,
      subjectDigest: expect.stringMatching(/^[\w-]{8,}$/) as unknown,
      sessionIdDigest: expect.stringMatching(/^[\w-]{8,}$/) as unknown,
    })
    expect(ended).toEqual({ ...began, name: 'session.ended', by: 'logout' })
    for (const secret of [session.key, '"user"', 'refresh']) {
      expect(JSON.stringify(events)).not.toContain(secret)
    }
  })
})

describe('the end of a session', () => {
  it('is told to the denylist where the issuer ended it: other processes have copies', async () => {
    noteRevocations()
    const { session } = await begin()
    await sessions.end(session, 'logout')
    expect(told).toEqual([])
    await sessions.end(session, 'issuer')
    const { expiresAt, subject, startedAt } = session
    expect(told).toEqual([expect.objectContaining({ expiresAt, subject, issuedAt: startedAt })])
  })

  it('is none while the denylist cannot be told: the session stays', async () => {
    const { session } = await begin()
    await revocations.close()
    expect(await sessions.end(session, 'issuer')).toMatchObject({ reason: 'revocation_not_stored' })
    expect(await store.read(session.key, false)).toBeDefined()
    expect(events).toHaveLength(1)
  })

  it('is none, and is not told of, while the store does not answer', async () => {
    const { session } = await begin()
    store.end = outage
    expect(await sessions.end(session, 'logout')).toBe(OUT)
    expect(events.map(({ name }) => name)).toEqual(['session.started'])
  })
})

describe('a session that is looked for', () => {
  it('and never was is unknown: 401', async () => {
    expect(await sessions.find('never', true)).toMatchObject({ status: 401, reason: 'session_unknown' }) // prettier-ignore
  })

  it('and whose record is that of another is unknown', async () => {
    const { id } = await begin()
    await freeze((await begin()).session.key)
    expect(await sessions.find(id, true)).toMatchObject({ reason: 'session_unknown' })
  })

  it('is over by our clock, though the store still has it', async () => {
    const { id, session } = await begin()
    await freeze(session.key)
    parts.later(35_999)
    expect(await sessions.find(id, true)).toMatchObject({ version: 1, session: { subject: 'user' } }) // prettier-ignore
    parts.later(1)
    expect(await sessions.find(id, true)).toMatchObject({ reason: 'session_unknown' })
  })

  it('leaves no copy where it turned out to be over', async () => {
    const { id, session } = await begin()
    await sessions.recall(id)
    await store.end(session.key)
    expect(await sessions.recall(id)).toMatchObject({ subject: 'user' })
    await sessions.find(id, false)
    expect(await sessions.recall(id)).toMatchObject({ reason: 'session_unknown' })
  })

  it('is put off where it is used, and then kept for the next request', async () => {
    const { id, session } = await begin()
    const uses = await freeze(session.key)
    await sessions.find(id, false)
    await sessions.recall(id)
    await sessions.recall(id)
    expect(uses).toEqual([false, true])
  })

  it('is neither there nor unknown while the store does not answer', async () => {
    const { id } = await begin()
    store.read = outage
    expect(await sessions.find(id, true)).toBe(OUT)
    expect(await sessions.recall(id)).toBe(OUT)
  })

  it('and that the denylist names is ended in the store, and told of', async () => {
    const { id, session } = await begin()
    await revocations.revokeSubject({ issuer: parts.issuer.issuer, subject: 'user' })
    expect(await sessions.find(id, true)).toMatchObject({
      reason: 'session_ended',
      detail: 'The denylist names the session, or its user',
    })
    expect(await store.read(session.key, false)).toBeUndefined()
    expect(events.at(-1)).toMatchObject({ name: 'session.ended', by: 'denylist' })
  })
})

describe('a session that a new login replaces', () => {
  it('is named to the denylist though no store knows it, for as long as it could last', async () => {
    noteRevocations()
    expect(await sessions.endReplaced({ key: 'unknown' })).toBeUndefined()
    expect(told).toEqual([expect.objectContaining({ expiresAt: START + 36_000 })])
    expect(told).not.toMatchObject([{ subject: expect.anything() as unknown }])
  })

  it('is read for its names alone, and only where its id does not tell them', async () => {
    const { session } = await begin()
    const uses = await freeze(session.key)
    noteRevocations()
    await sessions.endReplaced({ key: session.key })
    await sessions.endReplaced({ key: session.key, of: OF_USER })
    expect(uses).toEqual([false])
    const share = expect.objectContaining({ subject: 'user', issuedAt: START })
    expect(told).toEqual([share, share])
  })

  it('is gone from the store, and no copy of it is left', async () => {
    const { id, session } = await begin()
    await sessions.recall(id)
    noteRevocations()
    expect(await sessions.endReplaced({ key: session.key })).toBeUndefined()
    expect(await store.read(session.key, false)).toBeUndefined()
    expect(await sessions.recall(id)).toMatchObject({ reason: 'session_unknown' })
  })

  it('holds the login up where the store does not answer', async () => {
    store.read = outage
    expect(await sessions.endReplaced({ key: 'key' })).toBe(OUT)
    store.end = outage
    expect(await sessions.endReplaced({ key: 'key', of: OF_USER })).toBe(OUT)
  })

  it('stays in the store where the denylist cannot be told of it', async () => {
    const { session } = await begin()
    await revocations.close()
    expect(await sessions.endReplaced({ key: session.key })).toMatchObject({ reason: 'revocation_not_stored' }) // prettier-ignore
    expect(await store.read(session.key, false)).toBeDefined()
  })
})
