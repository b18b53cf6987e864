import { once } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis5'
import { isNodeRedis, openNodeRedis } from '../../../lib/redis/node-redis/node-redis.js'
import type { NodeRedisClient } from '../../../lib/redis/node-redis/node-redis.js'
import type { RedisClient } from '../../../lib/redis/opener.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

const redis = redisForAllTests()

const opened: RedisClient[] = []

async function openedFrom(given: NodeRedisClient): Promise<RedisClient> {
  const client = openNodeRedis(given)
  opened.push(client)
  const failing = new Promise((_resolve, reject) => void client.on('error', reject))
  await Promise.race([once(client as never, 'ready'), failing])
  return client
}

afterEach(() => {
  for (const client of opened.splice(0)) client.disconnect()
})

describe('isNodeRedis', () => {
  const client = {
    isOpen: false,
    duplicate: () => client,
    sendCommand: async () => 'OK',
    destroy: () => undefined,
  }

  it('knows a client by what is needed of it', () => {
    expect(isNodeRedis(client)).toBe(true)
    expect(isNodeRedis(createClient())).toBe(true)
  })

  it.each([
    undefined,
    null,
    'redis://x',
    {},
    { ...client, isOpen: undefined },
    { ...client, duplicate: undefined },
    { ...client, sendCommand: 'x' },
    { ...client, destroy: undefined },
  ])('takes no other thing for one: %p', (value) => {
    expect(isNodeRedis(value)).toBe(false)
  })
})

/** As applications make it, by both majors. */
type Create = (options: { readonly url: string; readonly RESP?: 3 }) => NodeRedisClient

const MAJORS: readonly (readonly [string, Create])[] = [
  ['6', (options) => createClient(options)],
  ['5', (options) => createClient5(options)],
]

describe.each(MAJORS)('a client of node-redis %s', (_version, create) => {
  it('is opened anew to the same server, and the given one is left alone', async () => {
    const given = create({ url: `${redis.url}/1` })
    const client = await openedFrom(given)
    expect(await client.call('SET', ['k', '1'])).toBe('OK')
    expect(
      await redis.admin
        .pipeline([
          ['select', 1],
          ['get', 'k'],
          ['select', 0],
        ])
        .exec(),
    ).toEqual([
      [null, 'OK'],
      [null, '1'],
      [null, 'OK'],
    ])
    expect(given.isOpen).toBe(false)
  })

  it('changes neither our commands nor their answers', async () => {
    const client = await openedFrom(create({ url: redis.url, RESP: 3 }))
    await client.call('DEL', ['h'])
    await client.call('HSET', ['h', 'a', 1])
    expect(await client.call('HGETALL', ['h'])).toEqual(['a', '1'])
    expect(
      await client
        .pipeline([
          ['HGET', 'h', 'a'],
          ['LPUSH', 'h', 'x'],
        ])
        .exec(),
    ).toEqual([
      [null, '1'],
      [expect.objectContaining({ name: 'ReplyError' }), undefined],
    ])
  })

  it('shows the same credentials', async () => {
    await redis.admin.acl('SETUSER', 'ann', 'on', '>pass', 'allkeys', '+@all')
    const url = redis.url.replace('//', '//ann:pass@')
    const client = await openedFrom(create({ url }))
    expect(await client.call('ACL', ['WHOAMI'])).toBe('ann')
  })
})

describe('a client that only looks like one of node-redis', () => {
  it('is refused by its duplicate, which must be one', async () => {
    const given = {
      isOpen: true,
      sendCommand: async () => 'OK',
      destroy: () => undefined,
      duplicate: () => ({ connect: 'x' }),
    }
    await expect(openedFrom(given)).rejects.toMatchObject({
      name: 'RedisSourceError',
      message: 'A client of node-redis 5 or 6 is needed',
    })
  })
})
