import { afterEach, describe, expect, it } from '@jest/globals'
import {
  jtiBlocklist,
  memoryRevocationStore,
  type Auth,
  type RevocationStore,
} from '../../../lib/index.js'
import { redisRevocationStore } from '../../../lib/redis.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { until } from '../../../tools/until.js'
import { startStreaming, type OpenStream, type StreamingApi } from '../../support/open-streams.js'
import { redisForEachTest } from '../../support/redis-under-test.js'

const issuer = createTestIssuer()
const ends: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** A store of the guard's own process, one that revokes beside it, and what takes it away. */
interface Stores {
  readonly own: RevocationStore
  readonly other: RevocationStore
  /** At most so long after the stream's process could know. */
  readonly withinMs: number
  readonly outage: () => Promise<void>
}

const redis = redisForEachTest()

async function redisStores(mode: 'strict' | 'replicated', withinMs: number): Promise<Stores> {
  const open = async (): Promise<RevocationStore> => {
    const store = redisRevocationStore({
      redis: redis.url,
      mode,
      onEmpty: 'initialize',
      clockToleranceSeconds: 0,
    })
    ends.push(() => store.close())
    await store.ready()
    await until(() => expect(store.status().state).toBe('ready'))
    return store
  }
  return { own: await open(), other: await open(), withinMs, outage: async () => redis.kill() }
}

const KINDS: readonly [string, () => Promise<Stores>][] = [
  [
    'memory',
    async () => {
      const store = memoryRevocationStore({ clockToleranceSeconds: 0 })
      return { own: store, other: store, withinMs: 250, outage: () => store.close() }
    },
  ],
  ['strict Redis', () => redisStores('strict', 5250)],
  ['replicated Redis', () => redisStores('replicated', 250)],
]

const WAYS: readonly [string, (store: RevocationStore, auth: Auth) => Promise<unknown>][] = [
  ['its token', (store, auth) => store.revokeToken(auth)],
  ['its session', (store, auth) => store.revokeSession({ ...auth, sessionId: 'session-1' })],
  [
    'its user',
    (store, auth) =>
      store.revokeSubject({ ...auth, subject: 'user-1' }, { issuedBefore: auth.issuedAt! }),
  ],
  ['everybody', (store, auth) => store.revokeAll({ issuedBefore: auth.issuedAt! })],
]

async function openOver(
  stores: Stores,
): Promise<{ api: StreamingApi; revoked: OpenStream; other: OpenStream }> {
  const api = await startStreaming(issuer, [jtiBlocklist(stores.own)])
  ends.push(() => api.close())
  const now = Math.floor(Date.now() / 1000)
  const revoked = await api.open({ sub: 'user-1', sid: 'session-1', iat: now - 100 })
  const other = await api.open({ sub: 'user-2', sid: 'session-2', iat: now - 50 })
  return { api, revoked, other }
}

const authOf = ({ req }: OpenStream): Auth => (req as unknown as { auth: Auth }).auth

/** Time passes for streams only where they may ask now; answers of Redis take real time. */
async function untilEnded(
  api: StreamingApi,
  { signal }: OpenStream,
  withinMs: number,
): Promise<void> {
  await api.timer.advance(withinMs)
  await until(() => expect(signal.aborted).toBe(true))
}

describe.each(KINDS)('a stream over a store in %s', (_kind, open) => {
  it.each(WAYS)('ends where another process revokes %s, and others go on', async (_way, revoke) => {
    const stores = await open()
    const { api, revoked, other } = await openOver(stores)
    await api.timer.advance(10_000)
    await until(async () => expect((await stores.own.check(authOf(revoked))).revoked).toBe(false))
    await revoke(stores.other, authOf(revoked))
    await until(async () => expect((await stores.own.check(authOf(revoked))).revoked).toBe(true))
    await untilEnded(api, revoked, stores.withinMs)
    expect(revoked.reason()).toMatchObject({ code: 'invalid_token', reason: 'revoked' })
    expect(other.signal.aborted).toBe(false)
  })

  it('ends as an outage once nobody could tell for 30 seconds', async () => {
    const stores = await open()
    const { api, revoked } = await openOver(stores)
    await api.timer.advance(10_000)
    await until(async () => expect((await stores.own.check(authOf(revoked))).revoked).toBe(false))
    await stores.outage()
    await until(() => expect(stores.own.status().ready).toBe(false))
    await api.timer.advance(20_000)
    expect(revoked.signal.aborted).toBe(false)
    for (let turn = 0; turn < 4; turn += 1) {
      await api.timer.advance(5000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await untilEnded(api, revoked, 5000)
    expect(revoked.reason()).toMatchObject({ status: 503, reason: 'revocation_unavailable' })
  })
})

async function mgets(): Promise<number> {
  const stats = await redis.admin.info('commandstats')
  return Number(/cmdstat_mget:calls=(\d+)/.exec(stats)?.[1] ?? 0)
}

describe('many streams over strict Redis', () => {
  it('are asked about in a few questions for all of them', async () => {
    const stores = await redisStores('strict', 5250)
    const api = await startStreaming(issuer, [jtiBlocklist(stores.own)])
    ends.push(() => api.close())
    for (let count = 0; count < 100; count += 1) await api.open({ sub: `user-${count}` })
    await api.timer.advance(10_000)
    const before = await mgets()
    // Each stream is asked about once.
    await api.timer.advance(5000)
    await until(async () => expect(await mgets()).toBeGreaterThan(before))
    expect((await mgets()) - before).toBeLessThanOrEqual(21)
  })
})

/** The last round may find the server stopped. */
const client = async (...args: string[]): Promise<unknown> =>
  redis.admin.call('CLIENT', args).catch(() => '')

async function dropReaders(): Promise<void> {
  const clients = String(await client('LIST'))
  for (const [, id, command] of clients.matchAll(/^id=(\d+) .*cmd=(\S+)/gm)) {
    if (command === 'xread') await client('KILL', 'ID', id!)
  }
}

describe('a stream over replicated Redis', () => {
  it('ends although the log does not come through', async () => {
    const stores = await redisStores('replicated', 250)
    const { api, revoked } = await openOver(stores)
    // The connection that follows the log is dropped time and again, that of the beats is not.
    const blocked = setInterval(() => void dropReaders(), 20)
    ends.push(async () => clearInterval(blocked))
    await stores.other.revokeToken(authOf(revoked))
    await until(async () => expect((await stores.own.check(authOf(revoked))).revoked).toBe(true))
    await untilEnded(api, revoked, 5250)
    expect(revoked.reason()).toMatchObject({ reason: 'revoked' })
  })
})
