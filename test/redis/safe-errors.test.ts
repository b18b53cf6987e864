import { inspect } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'
import type { RedisRevocationStore } from '../../lib/redis.js'
import { withoutCommands, wordsOf } from '../../lib/redis/safe-errors.js'
import { startClusterOfOne } from '../../tools/redis-topologies.js'
import { RevocationUnavailable } from '../../lib/revocation/store.js'
import { token, untilState } from '../support/redis-store.js'
import { redisForEachTest } from '../support/redis-under-test.js'
import { until } from '../../tools/until.js'

const redis = redisForEachTest()
const PASSWORD = 'hunter2-password'
const user = token({
  tokenId: 'secret-token-id',
  sessionId: 'secret-session',
  subject: 'alice@example.com',
})
const SECRETS = [PASSWORD, 'secret-token-id', 'secret-session', 'alice@example.com']

/** All that somebody sees who prints it, JSON included. */
function printed(value: unknown): string {
  return inspect(value, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(value)
}

async function rejection(attempt: () => Promise<unknown>): Promise<unknown> {
  try {
    return await attempt()
  } catch (error) {
    return error
  }
}

/** What a check or a revocation rejects with: one of them at least. */
async function errorsOf(store: RedisRevocationStore): Promise<readonly unknown[]> {
  return until(async () => {
    const answers = [
      await rejection(async () => store.check(user)),
      await rejection(async () => store.revokeToken(user)),
    ]
    expect(answers).toContainEqual(expect.any(RevocationUnavailable))
    return answers
  })
}

describe('an error of the Redis store', () => {
  it('does not show a wrong password to whoever prints it', async () => {
    await redis.admin.config('SET', 'requirepass', 'right')
    const store = redis.stores.open({ redis: `redis://:${PASSWORD}@127.0.0.1:${redis.port}` })
    await untilState(store, 'refused', /WRONGPASS/)
    expect(printed([await errorsOf(store), store.status()])).not.toContain(PASSWORD)
  })

  it.each<[string, readonly string[]]>([
    ['reading is not permitted', ['-mget']],
    ['scripts are not permitted', ['-eval', '-evalsha']],
    ['nothing is permitted', ['-@all', '+acl']],
  ])('shows no ids of a user to whoever prints it: %s', async (_name, rules) => {
    const store = await redis.readyStore()
    await redis.admin.acl('SETUSER', 'default', ...rules)
    const text = printed(await errorsOf(store))
    for (const secret of SECRETS) expect(text).not.toContain(secret)
  })

  it('shows none of them on a Cluster', async () => {
    const server = await startClusterOfOne()
    const nodes = [{ host: '127.0.0.1', port: server.port }]
    const store = await redis.readyStore({
      redis: (failFast) => new Cluster(nodes, { ...failFast, redisOptions: failFast }),
    })
    const admin = new Redis(server.port)
    await admin.acl('SETUSER', 'default', '-mget', '-eval')
    const text = printed(await errorsOf(store))
    for (const secret of SECRETS) expect(text).not.toContain(secret)
    admin.disconnect()
    await redis.stores.close()
    await server.stop()
  })
})

describe('withoutCommands', () => {
  it('keeps name and message, and nothing else', () => {
    const error = Object.assign(new TypeError('WRONGPASS no such user'), {
      command: { name: 'auth', args: [PASSWORD] },
      previousErrors: [new Error(PASSWORD)],
      lastNodeError: Object.assign(new Error('down'), { command: { args: [PASSWORD] } }),
      cause: new Error(PASSWORD),
    })
    const safe = withoutCommands(error)
    expect(safe).toBeInstanceOf(Error)
    expect(safe).toMatchObject({ name: 'TypeError', message: 'WRONGPASS no such user down' })
    expect(printed(safe)).not.toContain(PASSWORD)
  })

  it('has nothing to say where there is nothing', () => {
    expect(withoutCommands(undefined)).toBeUndefined()
  })

  it.each([
    [`ERR unknown command 'auth', with args beginning with: '${PASSWORD}' `, 'ERR unknown command'],
    [
      `ERR unknown command \`auth\`, with args beginning with: \n'${PASSWORD}'`,
      'ERR unknown command',
    ],
    [`connect to redis://user:${PASSWORD}@db failed`, 'connect to redis://db failed'],
  ])('leaves out of a message what Redis or a factory repeats: %j', (message, kept) => {
    expect(wordsOf(new Error(message))).not.toContain(PASSWORD)
    expect(wordsOf(new Error(message))).toContain(kept)
  })
})
