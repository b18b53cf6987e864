import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  jtiBlocklist,
  memoryRevocationStore,
  RevocationUnavailable,
  type JtiBlocklistOptions,
  type RevocationQuery,
  type RevocationStore,
  type RevokedBy,
} from '../../lib/index.js'
import { createTestIssuer, type TestClaims } from '../../lib/testing.js'
import {
  expectRefusal,
  expectUnavailable,
  frozenClock,
  startApi,
  type TestApi,
  type TestApiOptions,
} from '../../tools/api.js'
import { pipelined } from '../support/pipelined.js'
import { serve } from '../../tools/server.js'

const clock = frozenClock()
const issuer = createTestIssuer({ clock })
const apis: TestApi[] = []

const token = (claims: TestClaims = {}): string => issuer.token({ scope: 'read', ...claims })

afterEach(async () => {
  for (const api of apis.splice(0)) await api.close()
})

async function start(options: TestApiOptions): Promise<TestApi> {
  const api = await startApi(issuer, { clock, ...options })
  apis.push(api)
  return api
}

/** A store that answers what it is told to, and remembers what it was asked. */
function storeOf(answer: () => unknown): RevocationStore & { readonly asked: RevocationQuery[] } {
  const asked: RevocationQuery[] = []
  return {
    ...memoryRevocationStore(),
    asked,
    check(query) {
      asked.push(query)
      return answer() as ReturnType<RevocationStore['check']>
    },
  }
}

function throwDown(): never {
  throw new RevocationUnavailable('down', { retryAfterSeconds: 7 })
}

/** Promises that are none by their class, as those of another realm or of a query builder. */
const foreignPromise = runInNewContext('Promise') as PromiseConstructor

/** Ways in which a store does not answer. */
const OUTAGES: readonly (readonly [string, () => unknown])[] = [
  ['rejects', () => Promise.reject(new RevocationUnavailable('down', { retryAfterSeconds: 7 }))],
  ['rejects with an error of its own', () => Promise.reject(new Error('ECONNREFUSED'))],
  ['rejects with something that is no error', () => Promise.reject('down')],
  ['throws', throwDown],
  ['answers nothing', () => undefined],
  ['answers something else', () => ({})],
  ['answers null in time', () => Promise.resolve(null)],
  ['answers a foreign promise of nothing', () => foreignPromise.resolve()],
  ['answers in words', () => ({ revoked: 'no' })],
]

describe('jtiBlocklist: verdicts', () => {
  it.each([
    ['at once', () => ({ revoked: false })],
    ['in time', () => Promise.resolve({ revoked: false })],
    ['by a foreign promise', () => foreignPromise.resolve({ revoked: false })],
  ])('lets a token pass that the store says %s is not revoked', async (_name, answer) => {
    const store = storeOf(answer)
    const api = await start({ store })
    expect((await api.get(token({ jti: 'a', sid: 's' }))).status).toBe(200)
    expect(store.asked).toEqual([
      expect.objectContaining({ issuer: issuer.issuer, tokenId: 'a', sessionId: 's' }),
    ])
  })

  it.each<[RevokedBy, string]>([
    ['token', 'revoked'],
    ['session', 'revoked'],
    ['subject', 'revoked'],
    ['client', 'revoked'],
    ['version', 'revoked'],
    ['issuer', 'revoked'],
    ['all', 'revoked'],
    ['floor', 'before_floor'],
    ['lifetime', 'lifetime_exceeds_store'],
    ['a kind we do not know yet' as RevokedBy, 'revoked'],
  ])('refuses a token revoked by %s, and says so to the event alone', async (by, reason) => {
    const verdict = { revoked: true, by }
    for (const answer of [verdict, Promise.resolve(verdict), foreignPromise.resolve(verdict)]) {
      const api = await start({ store: storeOf(() => answer) })
      const response = await api.get(token())
      expectRefusal(response, 'invalid_token')
      expect(response.text).not.toContain('by')
      expect(api.reason()).toBe(reason)
    }
  })

  it('judges a real store by token, session, user, client, version and issuer', async () => {
    const store = memoryRevocationStore({ clock })
    const api = await start({ store, claims: { version: 'ver' } })
    const [iss, now] = [issuer.issuer, clock()]
    await store.revokeToken({ issuer: iss, tokenId: 'gone', expiresAt: now + 300 })
    await store.revokeSession({ issuer: iss, sessionId: 'gone' })
    await store.revokeSubject({ issuer: iss, subject: 'gone' })
    await store.revokeClient({ issuer: iss, clientId: 'gone' })
    await store.requireTokenVersion({ issuer: iss, subject: 'demoted' }, 2)
    for (const claims of [
      { jti: 'gone' },
      { sid: 'gone' },
      { sub: 'gone' },
      { client_id: 'gone' },
      { sub: 'demoted', ver: 1 },
      { sub: 'demoted' },
    ]) {
      expectRefusal(await api.get(issuer.token(claims)), 'invalid_token')
    }
    expect((await api.get(token({ sub: 'demoted', ver: 2 }))).status).toBe(200)
    await store.revokeAll({ issuer: iss })
    expectRefusal(await api.get(token()), 'invalid_token')
  })
})

describe('jtiBlocklist: outages', () => {
  it.each(OUTAGES)(
    'answers 503 where the store %s, and never lets pass (X-06)',
    async (_name, fail) => {
      const api = await start({ store: storeOf(fail) })
      expectUnavailable(await api.get(token()))
      expect(api.reason()).toBe('revocation_unavailable')
    },
  )

  it('says when to come back, as the store says', async () => {
    const api = await start({ store: storeOf(throwDown) })
    const response = await api.get(token())
    expect(response.headers['retry-after']).toBe('7')
  })

  it.each<[string, JtiBlocklistOptions['onUnavailable'], number]>([
    ['undefined', undefined, 503],
    ["'refuse'", 'refuse', 503],
    ["'dangerouslyAllow'", 'dangerouslyAllow', 200],
    ["a function that says 'refuse'", () => 'refuse', 503],
    ["a function that says 'dangerouslyAllow'", () => 'dangerouslyAllow', 200],
    ['a function that says something else', () => 'allow' as 'refuse', 503],
    ['a function that says nothing', () => undefined as unknown as 'refuse', 503],
    ['a function that says yes', () => true as unknown as 'refuse', 503],
    ['an async function', async () => 'dangerouslyAllow' as const, 503],
    ['a function that throws', throwDown, 500],
  ] as [string, JtiBlocklistOptions['onUnavailable'], number][])(
    'answers an outage by onUnavailable: %s',
    async (_name, onUnavailable, status) => {
      for (const [, fail] of OUTAGES) {
        const blocklist = onUnavailable === undefined ? {} : { onUnavailable }
        const api = await start({ store: storeOf(fail), blocklist })
        expect((await api.get(token())).status).toBe(status)
      }
    },
  )

  it('gives the function the token and the request, so that routes may differ', async () => {
    const store = storeOf(throwDown)
    const api = await start({
      store,
      blocklist: {
        onUnavailable: (auth, req) =>
          req.method === 'GET' && auth.subject === 'user-1' ? 'dangerouslyAllow' : 'refuse',
      },
    })
    expect((await api.get(token())).status).toBe(200)
    expectUnavailable(await api.get(token({ sub: 'user-2' })))
  })

  it('leaves an event for each token that passed unasked, without naming it', async () => {
    const blocklist = { onUnavailable: 'dangerouslyAllow' } as const
    const api = await start({ store: storeOf(throwDown), blocklist })
    await api.get(token({ jti: 'id-of-the-token' }))
    const event = api.events.at(-1)
    expect(event).toMatchObject({ name: 'revocation.bypassed', detail: 'down' })
    expect(JSON.stringify(event)).not.toMatch(/user-1|id-of-the-token/)
  })

  it('leaves an event that is one line of a log, whatever the store says', async () => {
    const store = storeOf(() => {
      throw new Error('down\nroot logged in')
    })
    const api = await start({ store, blocklist: { onUnavailable: 'dangerouslyAllow' } })
    await api.get(token())
    expect(api.events.at(-1)).toMatchObject({ detail: 'down?root logged in' })
  })

  it('still refuses what the store knows to be revoked under dangerouslyAllow', async () => {
    const store = storeOf(() => ({ revoked: true, by: 'token' }))
    const api = await start({ store, blocklist: { onUnavailable: 'dangerouslyAllow' } })
    expectRefusal(await api.get(token()), 'invalid_token')
  })
})

describe('jtiBlocklist: when it asks', () => {
  it('asks nothing for unverified tokens: 10,000 forged ones cost no look-up (X-07)', async () => {
    const store = storeOf(() => ({ revoked: false }))
    const api = await start({ store })
    const good = token()
    const kinds = [
      issuer.wrongKey(),
      `${good.slice(0, -4)}AAAA`,
      'not-a-jwt',
      issuer.token({ exp: clock() }),
      issuer.wrongAudience(),
      issuer.wrongIssuer(),
    ]
    const tokens = Array.from({ length: 10_000 }, (_, index) => kinds[index % kinds.length] ?? '')
    expect(await pipelined(api.port, tokens)).toEqual(new Map([[401, 10_000]]))
    expect(store.asked).toEqual([])
    expect((await api.get(good)).status).toBe(200)
    expect(store.asked).toHaveLength(1)
  }, 60_000)

  it('hands the text of the token to no store, which may log what it is asked', async () => {
    const handed: unknown[] = []
    const store: RevocationStore = {
      ...memoryRevocationStore(),
      check(...asked) {
        handed.push(...asked)
        return { revoked: false }
      },
    }
    const { get } = await start({ store })
    const sent = token()
    expect((await get(sent)).status).toBe(200)
    const logged = handed.map((one) => inspect(one, { depth: 8, showHidden: true })).join()
    expect(logged).toContain('tokenId')
    expect(logged).not.toContain(sent.split('.')[2])
    expect(JSON.stringify(handed)).not.toContain(sent.split('.')[2])
  })

  it('asks for a token whose signature is remembered as well, each time (X-10)', async () => {
    const store = memoryRevocationStore({ clock })
    const api = await start({ store })
    const sent = token({ jti: 'remembered' })
    expect((await api.get(sent)).status).toBe(200)
    expect((await api.get(sent)).status).toBe(200)
    await store.revokeToken({
      issuer: issuer.issuer,
      tokenId: 'remembered',
      expiresAt: clock() + 300,
    })
    expectRefusal(await api.get(sent), 'invalid_token')
  })

  it('asks nothing for an anonymous request, and lets it pass to the guards behind', async () => {
    const store = storeOf(throwDown)
    const api = await start({ store, optional: true })
    expectRefusal(await api.authorized(), 'no_credential', 'read')
    expect(store.asked).toEqual([])
  })

  it('answers 500 where no requireBearer is in front, never 401', async () => {
    const app = express()
    app.use(jtiBlocklist(memoryRevocationStore()))
    const server = await serve(app.get('/', (_req, res) => void res.end()))
    expect((await request(server.url).get('/')).status).toBe(500)
    await server.close()
  })
})

describe('jtiBlocklist: options', () => {
  it.each<[string, unknown, unknown, RegExp]>([
    ['no store', undefined, {}, /"store" must be a RevocationStore/],
    ['a store that is none', {}, {}, /"store" must be a RevocationStore/],
    ['the factory in place of a store', memoryRevocationStore, {}, /"store" must be/],
    ['an unknown word', 'store', { onUnavailable: 'allow' }, /"onUnavailable" must be 'refuse' or/],
    ['a misspelt option', 'store', { onUnavailble: 'refuse' }, /Did you mean "onUnavailable"/],
    ['options that are none', 'store', null, /options must be an object/],
  ])('refuses %s at construction', (_name, given, options, complaint) => {
    const store = (given === 'store' ? memoryRevocationStore() : given) as RevocationStore
    expect(() => jtiBlocklist(store, options as JtiBlocklistOptions)).toThrow(complaint)
  })
})
