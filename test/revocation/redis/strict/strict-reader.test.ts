import { beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { RedisRevocationStore } from '../../../../lib/redis.js'
import type { RevocationQuery } from '../../../../lib/revocation/store.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { startRedis } from '../../../../tools/redis-server.js'
import { commandsDuring, mgetsIn } from '../../../support/monitor.js'
import { outcome, revokeStrangers, token } from '../../../support/redis-store.js'
import { redisForAllTests } from '../../../support/redis-under-test.js'

const keys = createKeyNames('revocations', false)
let store: RedisRevocationStore
const redis = redisForAllTests()

beforeAll(async () => {
  store = await redis.readyStore()
  await revokeStrangers(store)
})

const tokenOf = (number: number): RevocationQuery =>
  token({
    tokenId: `token-${number}`,
    sessionId: `session-of-${number}`,
    subject: `user-of-${number}`,
  })

const mgetsDuring = async (
  action: () => Promise<unknown>,
): Promise<readonly (readonly string[])[]> => mgetsIn(await commandsDuring(redis.admin, action))

describe('checks of one turn of the event loop', () => {
  it('are one MGET, however many, and ask for each key once', async () => {
    const asked = await mgetsDuring(() =>
      Promise.all(Array.from({ length: 50 }, (_, i) => outcome(store, tokenOf(i)))),
    )
    expect(asked).toHaveLength(1)
    const [, ...names] = asked[0] ?? []
    expect(new Set(names).size).toBe(names.length)
    // Lineage, sequence, all, issuer, client; token, session, subject and version of each.
    expect(names).toHaveLength(5 + 50 * 4)
  })

  it('ask once for a token that comes in several requests', async () => {
    const query = Object.freeze(tokenOf(1))
    await store.check(query)
    const asked = await mgetsDuring(() =>
      Promise.all(Array.from({ length: 50 }, async () => store.check(query))),
    )
    expect(asked).toHaveLength(1)
    expect(asked[0]).toHaveLength(1 + 5 + 4)
  })

  it('are several MGETs where they ask for very many keys, each with the lineage', async () => {
    const asked = await mgetsDuring(() =>
      Promise.all(
        Array.from({ length: 2500 }, (_, i) => outcome(store, token({ tokenId: `token-${i}` }))),
      ),
    )
    // Four keys of their own each, and no more than a thousand or so at once.
    expect(asked).toHaveLength(11)
    for (const [, lineage, sequence] of asked) {
      expect([lineage, sequence]).toEqual([keys.lineage, keys.sequence])
    }
  })

  it('do not fail together where one of them meets a record nobody can read', async () => {
    await redis.admin.set(keys.entry('token', token().issuer, 'odd'), 'v9')
    const outcomes = await Promise.all([
      outcome(store, token()),
      outcome(store, token({ tokenId: 'odd' })),
      outcome(store, token({ tokenId: 'token-3' })),
    ])
    expect(outcomes).toEqual(['accepted', 'unavailable', 'accepted'])
  })
})

describe('keys', () => {
  it('stay in one slot and under one prefix, whatever the ids hold', async () => {
    const cluster = await startRedis(['--cluster-enabled', 'yes'])
    const client = new Redis(cluster.url)
    const home = await client.call('CLUSTER', 'KEYSLOT', keys.lineage)
    const ids = ['{a}', '}{', '{revocations}', 'a:b', '\u{1f600}', 'x'.repeat(4096), '']
    for (const id of ids) {
      for (const key of [keys.entry('token', id, id), keys.all(id)]) {
        expect(await client.call('CLUSTER', 'KEYSLOT', key)).toBe(home)
        expect(key.length).toBeLessThan(120)
      }
    }
    client.disconnect()
    await cluster.stop()
  })

  it('hold no id in the clear under hashIds', async () => {
    const hashing = await redis.readyStore({ name: 'hashed', hashIds: true })
    await hashing.revokeSubject({ issuer: token().issuer, subject: 'user-1' })
    expect(await outcome(hashing)).toBe('subject')
    const names = await redis.admin.keys('{hashed}:s:*')
    expect(names).toHaveLength(1)
    expect(names.join()).not.toContain('user-1')
  })

  it('of two stores with different names do not meet', async () => {
    const other = await redis.readyStore({ name: 'other' })
    await other.revokeToken(token({ tokenId: 'token-9' }))
    expect(await outcome(store, token({ tokenId: 'token-9' }))).toBe('accepted')
  })
})

/** Answers each MGET as Redis does, changed by `distort` once that is set. */
async function distorted(distort: (values: unknown[]) => unknown): Promise<RedisRevocationStore> {
  let active = false
  const odd = await redis.readyStore({
    name: 'odd',
    redis: (options) => {
      const client = new Redis(redis.url, options)
      const call = client.call.bind(client) as (...args: unknown[]) => Promise<unknown>
      Object.assign(client, {
        async call(...args: unknown[]) {
          const reply = await call(...args)
          const isMget = String(args[0]).toLowerCase() === 'mget'
          return active && isMget ? distort(reply as unknown[]) : reply
        },
      })
      return client
    },
  })
  active = true
  return odd
}

describe('an answer to MGET that no Redis gives', () => {
  it.each<[string, (values: unknown[]) => unknown]>([
    ['numbers for absent keys', (values) => values.map((value) => value ?? 0)],
    ['undefined for absent keys', (values) => values.map((value) => value ?? undefined)],
    ['bytes for text', (values) => values.map((value) => value ?? Buffer.from('1'))],
    ['too few values', (values) => values.slice(0, -1)],
    ['no list', () => 'OK'],
  ])('is "cannot tell", never "not revoked": %s', async (_what, distort) => {
    expect(await outcome(await distorted(distort))).toBe('unavailable')
  })
})
