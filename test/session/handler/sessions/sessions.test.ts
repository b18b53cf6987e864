import { beforeEach, describe, expect, it } from '@jest/globals'
import { createEvents } from '../../../../lib/core/events/events.js'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import { createSeal } from '../../../../lib/http/secrets/seal.js'
import { memoryRevocationStore, type RevocationStore } from '../../../../lib/index.js'
import {
  createSessionCodec,
  type Session,
} from '../../../../lib/session/handler/sessions/session.js'
import { namedSession } from '../../../../lib/session/handler/sessions/session-id.js'
import { createSessions, type Sessions } from '../../../../lib/session/handler/sessions/sessions.js'
import { memorySessionStore } from '../../../../lib/session.js'

const ISSUER = 'https://id.test'
const LIFETIME = { idleMs: 3_600_000, absoluteMs: 36_000_000 }

let now = 0
let reads = 0
let revocations: RevocationStore
let here: Sessions
let there: Sessions

beforeEach(() => {
  now = 1_800_000_000.5
  reads = 0
  const clock = (): number => now
  const kept = memorySessionStore({ clock })
  const store = {
    ...kept,
    read: (key: string, use: boolean) => {
      reads += 1
      return kept.read(key, use)
    },
  }
  revocations = memoryRevocationStore({ clock, clockToleranceSeconds: 0 })
  const seal = createSeal(optionCheck('test'), 'secrets', ['a secret of 32 bytes or some more of it'], 'session') // prettier-ignore
  const open = (): Sessions =>
    createSessions({
      store,
      codec: createSessionCodec(seal),
      revocations,
      issuer: ISSUER,
      clientId: 'app',
      lifetime: LIFETIME,
      clock,
      events: createEvents(),
    })
  here = open()
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
