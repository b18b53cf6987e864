import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'
import { memoryRevocationStore } from '../../../lib/index.js'
import { redisFamilyStore, redisSessionStore, type RedisSource } from '../../../lib/redis.js'
import { refreshFamilies, type RefreshFamilies } from '../../../lib/session.js'
import { startRedis, type RedisServer } from '../../../tools/redis-server.js'
import {
  startCluster,
  startSentinels,
  type ClusterTopology,
  type SentinelTopology,
} from '../../../tools/redis-topologies.js'
import { until } from '../../../tools/until.js'
import { CLIENT_NAMES, CLIENTS } from '../../support/redis-clients.js'

const SECRETS = ['a secret of the tests, long enough to be one']
const LIFETIME = { idleMs: 600_000, absoluteMs: 3_600_000 }
const CLIENT = { clientId: 'app' }

const closers: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const close of closers) await close()
})

/** Families over a store of their own. The denylist is elsewhere, and forgets nothing. */
function familiesOver(redis: RedisSource, revocations = memoryRevocationStore()): RefreshFamilies {
  const store = redisFamilyStore({ redis })
  closers.push(() => store.close())
  return refreshFamilies(store, { issuer: 'https://id.test', secrets: SECRETS, revocations })
}

function login(): { subject: string; clientId: string; sessionId: string } {
  return { subject: randomUUID(), sessionId: randomUUID(), ...CLIENT }
}

async function rotated(families: RefreshFamilies, token: string): Promise<string> {
  const rotation = await families.rotate(token, CLIENT)
  if (rotation.outcome === 'refused') throw new Error(`refused: ${rotation.reason}`)
  return rotation.token
}

/** What families and sessions promise, asked of two processes at once. */
async function serves(one: RedisSource, other: RedisSource): Promise<void> {
  const families = [familiesOver(one), familiesOver(other)] as const
  // The first request waits for a connection, which a busy machine may not make within the deadline.
  for (const each of families) await until(() => each.start(login()))
  const { token } = await families[0].start(login())
  const successors = await Promise.all(
    Array.from({ length: 10 }, (_, index) => rotated(families[index % 2 === 0 ? 0 : 1], token)),
  )
  expect(new Set(successors).size).toBe(1)
  await rotated(families[1], successors[0]!)
  expect(await families[0].rotate(token, CLIENT)).toEqual({ outcome: 'refused', reason: 'reused' })

  const stores = [redisSessionStore({ redis: one }), redisSessionStore({ redis: other })] as const
  closers.push(() => stores[0].close(), () => stores[1].close()) // prettier-ignore
  const key = randomUUID()
  for (const store of stores) await until(() => store.read(key, true))
  await stores[0].create(key, 'first', LIFETIME)
  const locks = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      stores[index % 2 === 0 ? 0 : 1].lock(key, `${index}`, 5000),
    ),
  )
  const winner = locks.findIndex((lock) => lock !== 'held')
  expect(locks.filter((lock) => lock !== 'held')).toEqual([expect.objectContaining({ version: 1 })])
  const change = { record: 'second', holder: `${winner}`, version: 1 }
  expect(await stores[1].write(key, change)).toBe(true)
  expect(await stores[0].read(key, true)).toMatchObject({ record: 'second', version: 2 })
  await stores[0].end(key)
  expect(await stores[1].read(key, true)).toBeUndefined()
}

describe('families and sessions in Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  it.each(CLIENT_NAMES)('are served by %s', async (name) => {
    const client = CLIENTS[name]!(redis.url)
    await serves(client, redis.url)
    expect(CLIENT_NAMES).toContain(name)
  })
})

describe('families and sessions in a Redis Cluster', () => {
  let cluster: ClusterTopology
  beforeAll(async () => {
    cluster = await startCluster()
  }, 30_000)
  afterAll(() => cluster.stop())

  it('are served, whatever shard they are on', async () => {
    const nodes = cluster.ports.map((port) => ({ host: '127.0.0.1', port }))
    const source: RedisSource = (failFast) =>
      new Cluster(nodes, { ...failFast, redisOptions: failFast })
    for (let logins = 0; logins < 5; logins += 1) await serves(source, source)
    expect(nodes).toHaveLength(6)
  })
})

describe('families and sessions behind Sentinels', () => {
  let sentinels: SentinelTopology
  beforeAll(async () => {
    sentinels = await startSentinels()
  }, 30_000)
  afterAll(() => sentinels.stop())

  it('are served, and no login is revived by a failover', async () => {
    const { name, natMap, sentinelPorts } = sentinels
    const addresses = sentinelPorts.map((port) => ({ host: '127.0.0.1', port }))
    const source: RedisSource = (failFast) =>
      new Redis({ ...failFast, name, natMap, sentinels: addresses })
    await serves(source, source)
    const families = familiesOver(source)
    const [left, kept] = [await families.start(login()), await families.start(login())]
    await families.revoke(left.token)
    await sentinels.servers[0]?.kill()
    await until(async () => {
      const rotation = await families.rotate(kept.token, CLIENT)
      expect(rotation.outcome).not.toBe('refused')
    }, 15_000)
    expect(await families.rotate(left.token, CLIENT)).toMatchObject({ outcome: 'refused' })
  }, 40_000)
})

describe('refresh families over a Redis that dies', () => {
  it('lose no successor: a client that asks again within the grace gets the same one', async () => {
    const redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
    const families = familiesOver(redis.url)
    const logins = await Promise.all(Array.from({ length: 20 }, () => families.start(login())))
    const running = { stopped: false }
    let rotations = 0
    const refusals: string[] = []
    const rotateOn = async (first: string): Promise<void> => {
      for (let token = first; !running.stopped;) {
        try {
          const rotation = await families.rotate(token, CLIENT)
          if (rotation.outcome === 'refused') refusals.push(rotation.reason)
          else token = rotation.token
          rotations += 1
        } catch {
          // Not known whether it was done: the same token is sent again.
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
    }
    const turns = logins.map(({ token }) => rotateOn(token))
    for (let deaths = 0; deaths < 3; deaths += 1) {
      const before = rotations
      await until(() => expect(rotations).toBeGreaterThan(before + 100))
      await redis.kill()
      await redis.restart()
    }
    const after = rotations
    await until(() => expect(rotations).toBeGreaterThan(after + 100))
    running.stopped = true
    await Promise.all(turns)
    expect(refusals).toEqual([])
    await redis.stop()
  }, 40_000)

  it('revive no login that was ended, and notice tokens that it forgot, when it is set back', async () => {
    const redis = await startRedis()
    const families = familiesOver(redis.url)
    const admin = new Redis(redis.url)
    const [ended, gone] = [await families.start(login()), await families.start(login())]
    await admin.save()
    await families.revoke(ended.token)
    const newer = await rotated(families, await rotated(families, gone.token))
    await admin.quit()
    await redis.kill()
    await redis.restart()
    await until(async () => {
      expect(await families.rotate(ended.token, CLIENT)).toMatchObject({ outcome: 'refused' })
    })
    expect(await families.rotate(newer, CLIENT)).toEqual({
      outcome: 'refused',
      reason: 'rolled_back',
    })
    await redis.stop()
  }, 40_000)
})
