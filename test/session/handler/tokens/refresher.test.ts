import { beforeEach, describe, expect, it } from '@jest/globals'
import { createEvents } from '../../../../lib/core/events/events.js'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { AuthError, invalidToken } from '../../../../lib/core/verdicts/errors.js'
import { createSeal } from '../../../../lib/http/secrets/seal.js'
import { memoryRevocationStore } from '../../../../lib/index.js'
import type { IssuerClient } from '../../../../lib/session/handler/issuer/issuer-client.js'
import {
  createSessionCodec,
  type Session,
  type Tokens,
} from '../../../../lib/session/handler/sessions/session.js'
import { createSessions, type Sessions } from '../../../../lib/session/handler/sessions/sessions.js'
import {
  createRefresher,
  type Refresher,
} from '../../../../lib/session/handler/tokens/refresher.js'
import { memorySessionStore, type SessionStore } from '../../../../lib/session.js'
import { manualTimer, settle } from '../../../support/manual-timer.js'

const START = 1_800_000_000
const LIFE_SECONDS = 300
const BEFORE_SECONDS = 60

let now = START
let asked: string[] = []
let answer: () => Promise<Tokens | AuthError>
let refresher: Refresher
let session: Session
let sessions: Sessions
let store: SessionStore

function tokens(number: number, change: Partial<Tokens> = {}): Tokens {
  return {
    accessToken: `access-${number}`,
    accessExpiresAt: now + LIFE_SECONDS,
    refreshToken: `refresh-${number}`,
    idToken: 'id',
    claims: { sub: 'alice' },
    ...change,
  }
}

beforeEach(async () => {
  now = START
  asked = []
  answer = async () => tokens(2)
  const clock = (): number => now
  store = memorySessionStore({ clock })
  const codec = createSessionCodec(createSeal(optionCheck('test'), 'secrets', ['a secret of the tests, long enough'], 'session')) // prettier-ignore
  const events = createEvents()
  sessions = createSessions({
    store,
    codec,
    revocations: memoryRevocationStore({ clock }),
    issuer: 'https://id.test',
    clientId: 'app',
    lifetime: { idleMs: 3_600_000, absoluteMs: 36_000_000 },
    clock,
    events,
  })
  const client: Pick<IssuerClient, 'refresh' | 'revoke'> = {
    refresh: (token) => (asked.push(token), answer()),
    revoke: async (token) => void asked.push(`revoke ${token}`),
  }
  refresher = createRefresher({
    store,
    codec,
    sessions,
    client: client as IssuerClient,
    issuer: 'https://id.test',
    beforeSeconds: BEFORE_SECONDS,
    timeoutMs: 1000,
    clock,
    timer: manualTimer(),
    events,
  })
  session = await begin()
})

async function begin(changes: Partial<Tokens> = {}): Promise<Session> {
  const started = await sessions.start(tokens(1, changes), undefined)
  if (started instanceof AuthError) throw started
  return started.session
}

/** Whether somebody else may renew the session now. */
async function isFree(): Promise<boolean> {
  const locked = await store.lock(session.key, 'another', 1)
  await store.unlock(session.key, 'another')
  return locked !== 'held'
}

async function tokenAt(seconds: number): Promise<unknown> {
  now = START + seconds
  const fresh = await refresher.fresh(session)
  await settle()
  return fresh instanceof AuthError ? fresh.reason : fresh.accessToken
}

describe('an access token', () => {
  it.each([
    ['long before its end is left alone', 239, 'access-1', 0],
    ['near its end is given, and renewed behind the request', 240, 'access-1', 1],
    ['just before its end is given all the same', 299, 'access-1', 1],
    ['that is over is renewed before it is given', 300, 'access-2', 1],
  ])('%s: at %d s', async (_when, seconds, token, calls) => {
    expect(await tokenAt(seconds)).toBe(token)
    expect(asked).toHaveLength(calls)
  })

  it('is renewed once for all who need it', async () => {
    now = START + LIFE_SECONDS
    const all = await Promise.all(Array.from({ length: 10 }, () => refresher.fresh(session)))
    expect(new Set(all)).toEqual(new Set([expect.objectContaining({ accessToken: 'access-2' })]))
    expect(asked).toEqual(['refresh-1'])
  })

  it('that was renewed by another process is read, and not renewed again', async () => {
    await tokenAt(LIFE_SECONDS)
    expect(await tokenAt(LIFE_SECONDS)).toBe('access-2')
    expect(asked).toEqual(['refresh-1'])
  })

  it('that proved to be over is renewed, whatever its time says', async () => {
    const fresh = await refresher.fresh(session, 'access-1')
    expect([fresh, asked]).toMatchObject([{ accessToken: 'access-2' }, ['refresh-1']])
  })

  it('takes the refresh token along where the issuer gives no new one', async () => {
    answer = async () => tokens(2, { refreshToken: undefined, idToken: undefined, claims: undefined }) // prettier-ignore
    await tokenAt(LIFE_SECONDS)
    answer = async () => tokens(3)
    expect(await tokenAt(2 * LIFE_SECONDS)).toBe('access-3')
    expect(asked).toEqual(['refresh-1', 'refresh-1'])
  })
})

describe('a renewal', () => {
  it.each<[string, () => Promise<Tokens | AuthError>, string]>([
    ['that the issuer refuses', async () => invalidToken('session_ended'), 'session_ended'],
    [
      'that gives the tokens of another user',
      async () => tokens(2, { claims: { sub: 'mallory' } }),
      'session_ended',
    ],
  ])('%s ends the session', async (_what, answers, reason) => {
    // prettier-ignore
    answer = answers
    expect(await tokenAt(LIFE_SECONDS)).toBe(reason)
    answer = async () => tokens(3)
    expect(await tokenAt(LIFE_SECONDS)).toBe('session_unknown')
  })

  it('that an outage keeps back ends nothing, and is not asked for at each request', async () => {
    const out = new AuthError('temporarily_unavailable', { reason: 'issuer_unavailable' })
    answer = async () => out
    for (let times = 0; times < 3; times += 1) {
      expect(await tokenAt(BEFORE_SECONDS + 200)).toBe('access-1')
      expect(await tokenAt(LIFE_SECONDS)).toBe('issuer_unavailable')
    }
    expect(asked).toHaveLength(1)
  })
})

describe('an access token that ends soon', () => {
  it.each([
    [20, 9, 0],
    [20, 10, 1],
    [120, 59, 0],
    [120, 60, 1],
    [600, 539, 0],
    [600, 540, 1],
  ])('of %d s, after %d s: renewals begun: %d', async (life, seconds, calls) => {
    session = await begin({ accessExpiresAt: START + life })
    expect(await tokenAt(seconds)).toBe('access-1')
    expect(asked).toHaveLength(calls)
  })

  it('never does where the issuer names no end, unless it proved to be over', async () => {
    session = await begin({ accessExpiresAt: undefined })
    expect(await tokenAt(3000)).toBe('access-1')
    expect(asked).toEqual([])
    expect(await refresher.fresh(session, 'another')).toBe(session)
    expect(await refresher.fresh(session, 'access-1')).toMatchObject({ accessToken: 'access-2' })
  })

  it('is given though its renewal fails without an answer, which harms no process', async () => {
    answer = () => Promise.reject(new Error('a fault of ours'))
    expect(await tokenAt(LIFE_SECONDS - 1)).toBe('access-1')
    await settle()
  })
})

describe('without a refresh token', () => {
  beforeEach(async () => {
    session = await begin({ refreshToken: undefined })
  })

  it('an access token is good until its end', async () => {
    expect(await tokenAt(LIFE_SECONDS - 1)).toBe('access-1')
    expect([asked, await isFree()]).toEqual([[], true])
  })

  it('the session is over with it', async () => {
    now = START + LIFE_SECONDS
    expect(await refresher.fresh(session)).toMatchObject({
      status: 401,
      reason: 'session_ended',
      detail: 'The access token is over, and there is no refresh token',
    })
    expect(await isFree()).toBe(true)
  })
})
