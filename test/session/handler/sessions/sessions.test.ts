import { beforeEach, describe, expect, it } from '@jest/globals'
import { createEvents, type AuthEvent } from '../../../../lib/core/events/events.js'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import { createSeal } from '../../../../lib/http/secrets/seal.js'
import { memoryRevocationStore, type RevocationStore } from '../../../../lib/index.js'
import {
  createSessionCodec,
  type Session,
  type Tokens,
} from '../../../../lib/session/handler/sessions/session.js'
import { keyOf, namedSession } from '../../../../lib/session/handler/sessions/session-id.js'
import { createSessions, type Sessions } from '../../../../lib/session/handler/sessions/sessions.js'
import { memorySessionStore, type SessionStore } from '../../../../lib/session.js'

const ISSUER = 'https://id.test'
const LIFETIME = { idleMs: 3_600_000, absoluteMs: 36_000_000 }

let now = 0
let reads = 0
let revocations: RevocationStore
let here: Sessions
let there: Sessions
/** Of the first process. */
let events: AuthEvent[]
/** What the store is asked for, by both. */
let store: SessionStore
/** In the place of a function of the store. */
let broken: Partial<SessionStore>

const OUT = new AuthError('temporarily_unavailable', { reason: 'sessions_unavailable' })

beforeEach(() => {
  events = []
  broken = {}
  now = 1_800_000_000.5
  reads = 0
  const clock = (): number => now
  const kept = memorySessionStore({ clock })
  store = {
    ...kept,
    read(key, use) {
      reads += 1
      return (broken.read ?? kept.read)(key, use)
    },
    create: (...all) => (broken.create ?? kept.create)(...all),
    end: (key) => (broken.end ?? kept.end)(key),
  }
  revocations = memoryRevocationStore({ clock, clockToleranceSeconds: 0 })
  const seal = createSeal(optionCheck('test'), 'secrets', ['a secret of 32 bytes or some more of it'], 'session') // prettier-ignore
  const open = (heard = createEvents()): Sessions =>
    createSessions({
      store,
      codec: createSessionCodec(seal),
      revocations,
      issuer: ISSUER,
      clientId: 'app',
      lifetime: LIFETIME,
      clock,
      events: heard,
    })
  here = open(createEvents((event) => void events.push(event)))
  there = open()
})

/** A session that both processes have used just now. */
async function begin(): Promise<{ readonly id: string; readonly session: Session }> {
  const claims = { sub: 'user', sid: 'sid' }
  const tokens = { accessToken: 'a', accessExpiresAt: now + 3600, refreshToken: 'r', idToken: 'i' }
  const started = await here.start({ ...tokens, claims }, undefined)
  if (started instanceof AuthError) throw started
  now += 2
  for (const sessions of [here, there]) await sessions.recall(started.id)
  return started
}

describe('a session of which a process has a copy', () => {
  it('is not read again for ten seconds, and then once', async () => {
    const { id } = await begin()
    reads = 0
    for (let requests = 0; requests < 5; requests += 1) {
      expect(await there.recall(id)).toMatchObject({ subject: 'user' })
    }
    expect(reads).toBe(0)
    now += 10
    for (let requests = 0; requests < 5; requests += 1) await there.recall(id)
    expect(reads).toBe(1)
  })

  it.each<[string, (session: Session) => Promise<unknown>]>([
    ['logged out', async (session) => {
      await here.revoke(session)
      await here.end(session, 'logout')
    }], // prettier-ignore
    ['ended, since the issuer takes its refresh token no more', (session) => here.end(session, 'issuer')], // prettier-ignore
    ['replaced by a new login', ({ key }) => here.endReplaced({ key })],
    ['ended at the issuer', () => revocations.revokeSession({ issuer: ISSUER, sessionId: 'sid' })],
    ['ended with all of its user', () => revocations.revokeSubject({ issuer: ISSUER, subject: 'user' })], // prettier-ignore
  ])('is over at once in every process when it is %s', async (_how, end) => {
    const { id, session } = await begin()
    await end(session)
    for (const sessions of [here, there]) {
      expect(await sessions.recall(id)).toMatchObject({ status: 401 })
    }
  })

  it('of names too long for the id is judged all the same, by what the store keeps', async () => {
    const claims = { sub: 'u'.repeat(300) }
    const tokens = { accessToken: 'a', accessExpiresAt: now + 3600, refreshToken: 'r' }
    const started = await here.start({ ...tokens, idToken: 'i', claims }, undefined)
    if (started instanceof AuthError) throw started
    expect(await there.recall(started.id)).toMatchObject({ subject: claims.sub })
    now += 20
    await revocations.revokeSubject({ issuer: ISSUER, subject: claims.sub })
    expect(await there.recall(started.id)).toMatchObject({ status: 401, reason: 'session_ended' })
  })

  it.each<[string, string]>([
    ['in the id', 'user'],
    ['too long for the id', 'u'.repeat(300)],
  ])(
    'counts against the share of its user when it is replaced, with names %s',
    async (_where, sub) => {
      const told: unknown[] = []
      const revokeToken = revocations.revokeToken.bind(revocations)
      Object.assign(revocations, {
        revokeToken: (named: Parameters<typeof revokeToken>[0]) => (
          told.push(named),
          revokeToken(named)
        ),
      })
      const tokens = { accessToken: 'a', accessExpiresAt: now + 3600, refreshToken: 'r' }
      const started = await here.start({ ...tokens, idToken: 'i', claims: { sub } }, undefined)
      if (started instanceof AuthError) throw started
      await there.endReplaced(namedSession(started.id))
      expect(told).toEqual([expect.objectContaining({ subject: sub, issuedAt: now })])
    },
  )

  it('is read where more is wanted than to be let in', async () => {
    const { id } = await begin()
    reads = 0
    await there.find(id, false)
    expect(reads).toBe(1)
  })

  it('is none while the denylist does not answer: 503', async () => {
    const { id } = await begin()
    await revocations.close()
    expect(await there.recall(id)).toMatchObject({ status: 503 })
  })
})

const TOKENS: Tokens = {
  accessToken: 'access',
  accessExpiresAt: 1_800_003_600,
  refreshToken: 'refresh',
  idToken: 'id',
  claims: { sub: 'user', sid: 'sid', name: 'Ann' },
}

/** Reason and detail of a refusal. */
function why(outcome: unknown): unknown {
  return outcome instanceof AuthError ? [outcome.reason, outcome.detail] : outcome
}

async function started(changes: Partial<Tokens> = {}): Promise<Session> {
  const begun = await here.start({ ...TOKENS, ...changes }, undefined)
  if (begun instanceof AuthError) throw begun
  return begun.session
}

describe('a login', () => {
  it('begins a session of its own, with all that the issuer gave, until its absolute end', async () => {
    const { claims, ...tokens } = TOKENS
    const first = await here.start(TOKENS, 'step-up')
    const second = await here.start(TOKENS, undefined)
    expect(first).toMatchObject({
      session: {
        ...tokens,
        claims,
        subject: 'user',
        sessionId: 'sid',
        startedAt: now,
        refreshedAt: now,
        expiresAt: now + 36_000,
        stepUp: 'step-up',
      },
    })
    const [one, other] = [first, second] as { id: string; session: Session }[]
    expect(one!.id).not.toBe(other!.id)
    expect(await there.find(one!.id, false)).toMatchObject({ session: one!.session, version: 1 })
    expect(await there.find(other!.id, false)).toMatchObject({ session: { key: other!.session.key } })
  })

  it('knows no session of the issuer where "sid" is no text', async () => {
    expect(await started({ claims: { sub: 'user', sid: 7 } })).toMatchObject({ sessionId: undefined })
  })

  it.each<[string, Partial<Tokens>]>([
    ['no ID token', { idToken: undefined }],
    ['no claims', { claims: undefined }],
    ['no user in them', { claims: { sid: 'sid' } }],
    ['a user that is no text', { claims: { sub: 7 } }],
  ])('begins none with %s', async (_what, changes) => {
    const outcome = await here.start({ ...TOKENS, ...changes }, undefined)
    expect(outcome).toMatchObject({
      code: 'login_failed',
      reason: 'login_refused',
      detail: 'There is no ID token',
    })
    expect(events).toEqual([])
  })

  it('begins none, and tells of none, where the store does not answer', async () => {
    broken.create = () => Promise.reject(OUT)
    expect(await here.start(TOKENS, undefined)).toBe(OUT)
    expect(events).toEqual([])
  })
})

describe('events of sessions', () => {
  it('tell of begin and end by digests, which are of one session each time', async () => {
    const session = await started()
    await here.end(session, 'logout')
    const about = {
      issuer: ISSUER,
      subjectDigest: expect.stringMatching(/^[\w-]{8,}$/) as unknown,
      sessionIdDigest: expect.stringMatching(/^[\w-]{8,}$/) as unknown,
    }
    expect(events).toEqual([
      { name: 'session.started', ...about },
      { name: 'session.ended', by: 'logout', ...about },
    ])
    const [begin, end] = events as { sessionIdDigest?: string }[]
    expect(end!.sessionIdDigest).toBe(begin!.sessionIdDigest)
    const text = JSON.stringify(events)
    for (const secret of [session.key, '"user"', 'refresh']) expect(text).not.toContain(secret)
  })
})

describe('the end of a session', () => {
  it('is told to the denylist where the issuer ended it: other processes have copies', async () => {
    const session = await started()
    const told: unknown[] = []
    Object.assign(revocations, { revokeToken: async (named: unknown) => void told.push(named) })
    await here.end(session, 'logout')
    expect(told).toEqual([])
    await here.end(session, 'issuer')
    const { expiresAt, subject, startedAt } = session
    expect(told).toEqual([expect.objectContaining({ expiresAt, subject, issuedAt: startedAt })])
  })

  it('is none while the denylist cannot be told: the session stays', async () => {
    const session = await started()
    const ended: string[] = []
    broken.end = async (key) => void ended.push(key)
    await revocations.close()
    expect(await here.end(session, 'issuer')).toMatchObject({ reason: 'revocation_not_stored' })
    expect([ended, events.length]).toEqual([[], 1])
  })

  it('is none, and is not told, while the store does not answer', async () => {
    const session = await started()
    broken.end = () => Promise.reject(OUT)
    expect(await here.end(session, 'logout')).toBe(OUT)
    expect(events.map(({ name }) => name)).toEqual(['session.started'])
  })
})

describe('a session that is looked for', () => {
  it.each(['never was', 'was sealed for another key', 'is over by our clock'])(
    'and %s is unknown: 401',
    async (what) => {
      const { id } = await begin()
      const stored = await store.read((await started()).key, false)
      if (what === 'never was') broken.read = async () => undefined
      if (what === 'was sealed for another key') broken.read = async () => stored
      if (what === 'is over by our clock') {
        const own = await store.read(keyOf(id), false)
        broken.read = async () => own
        now += 36_000
      }
      expect(await here.find(id, true)).toMatchObject({ status: 401, reason: 'session_unknown' })
      // Nor is there a copy of it any more.
      reads = 0
      await here.recall(id)
      expect(reads).toBe(1)
    },
  )

  it('is not over in the last second of its time', async () => {
    const { id, session } = await begin()
    const own = await store.read(session.key, false)
    broken.read = async () => own
    now = session.expiresAt - 1
    expect(await here.find(id, true)).toMatchObject({ version: 1, session: { subject: 'user' } })
  })

  it('is put off where it is used, and is not where it is only looked at', async () => {
    const { id, session } = await begin()
    const uses: unknown[] = []
    const own = await store.read(session.key, false)
    broken.read = async (key, use) => (uses.push([key, use]), own)
    await there.find(id, false)
    await there.find(id, true)
    now += 20
    await there.recall(id)
    expect(uses).toEqual([
      [session.key, false],
      [session.key, true],
      [session.key, true],
    ])
  })

  it('leaves a copy only where it was used', async () => {
    const session = await started()
    const begun = await here.start(TOKENS, undefined)
    const { id } = begun as { id: string }
    await there.find(id, false)
    reads = 0
    await there.recall(id)
    await there.recall(id)
    expect(reads).toBe(1)
    expect(session.key).not.toBe(keyOf(id))
  })

  it('is neither there nor unknown while the store does not answer', async () => {
    const { id } = await begin()
    broken.read = () => Promise.reject(OUT)
    expect(await here.find(id, true)).toBe(OUT)
    now += 20
    expect(await here.recall(id)).toBe(OUT)
  })

  it('and that the denylist names is ended in the store, and told of', async () => {
    const { id } = await begin()
    await revocations.revokeSubject({ issuer: ISSUER, subject: 'user' })
    expect(why(await here.find(id, true))).toEqual([
      'session_ended',
      'The denylist names the session, or its user',
    ])
    expect(await store.read(keyOf(id), false)).toBeUndefined()
    expect(events.at(-1)).toMatchObject({ name: 'session.ended', by: 'denylist' })
  })
})

describe('a session that a new login replaces', () => {
  it('is named to the denylist though no store knows it, for as long as it could last', async () => {
    const told: unknown[] = []
    Object.assign(revocations, { revokeToken: async (named: unknown) => void told.push(named) })
    expect(await here.endReplaced({ key: 'unknown' })).toBeUndefined()
    expect(told).toEqual([expect.objectContaining({ expiresAt: now + 36_000 })])
    expect(told).toEqual([expect.not.objectContaining({ subject: expect.anything() as unknown })])
  })

  it('is read for its names alone, which is no use of it', async () => {
    const { key } = await started()
    const uses: boolean[] = []
    const own = await store.read(key, false)
    broken.read = async (_key, use) => (uses.push(use), own)
    await here.endReplaced({ key })
    expect(uses).toEqual([false])
    await here.endReplaced({ key, of: { subject: 'user', startedAt: now } })
    expect(uses).toHaveLength(1)
  })

  it('is gone from the store', async () => {
    const { key } = await started()
    expect(await here.endReplaced({ key })).toBeUndefined()
    expect(await store.read(key, false)).toBeUndefined()
  })

  it('holds the login up where the store does not answer', async () => {
    const { key } = await started()
    broken.read = () => Promise.reject(OUT)
    expect(await here.endReplaced({ key })).toBe(OUT)
    broken.end = () => Promise.reject(OUT)
    expect(await here.endReplaced({ key, of: { subject: 'user', startedAt: now } })).toBe(OUT)
  })

  it('stays in the store where the denylist cannot be told of it', async () => {
    const { key } = await started()
    await revocations.close()
    expect(await here.endReplaced({ key })).toMatchObject({ reason: 'revocation_not_stored' })
    expect(await store.read(key, false)).toBeDefined()
  })
})
