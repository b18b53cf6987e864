import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import type { Redis } from 'ioredis'
import type { Script, ScriptArgument } from '../../lib/redis/scripts.js'
import { redisForAllTests } from './redis-under-test.js'

interface OneKey {
  /** A client that may touch every key. */
  readonly redis: { readonly admin: Redis }
  /** Runs a script over the key, as a user of Redis who may touch no other. */
  readonly run: (script: Script, ...args: readonly ScriptArgument[]) => Promise<unknown>
}

/** A Redis for all tests of the block that this is called in, empty at the start of each. */
export function redisOfOneKey(key: string): OneKey {
  let narrow: Redis
  afterAll(() => narrow.disconnect())
  const redis = redisForAllTests()
  beforeAll(async () => {
    await redis.admin.call('ACL', 'SETUSER', 'narrow', 'on', '>p', 'resetkeys', `~${key}`, '+@all')
    narrow = redis.admin.duplicate({ username: 'narrow', password: 'p' })
  })
  beforeEach(() => redis.admin.flushall())
  return { redis, run: ({ lua }, ...args) => narrow.eval(lua, 1, key, ...args) }
}

/** An answer that begins with these. */
export function beginning(...values: readonly unknown[]): unknown {
  return {
    asymmetricMatch: (answer: unknown) =>
      JSON.stringify([answer].flat().slice(0, values.length)) === JSON.stringify(values),
    toString: () => `beginning ${values.join(', ')}`,
  }
}
