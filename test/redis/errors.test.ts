import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { FailFastOptions, RedisClient } from '../../lib/redis.js'
import { faultOf } from '../../lib/redis/errors.js'
import { RevocationUnavailable } from '../../lib/revocation/store.js'
import { DEAD_PORT, startRedis } from '../../tools/redis-server.js'
import { redisForEachTest } from '../support/redis-under-test.js'
import { freshToken, outcome, token, untilOutcome, untilState } from '../support/redis-store.js'
import { until } from '../../tools/until.js'

const redis = redisForEachTest()
const { beats, readyStore, stores } = redis

describe('a Redis that says no', () => {
  it.each([
    [
      'READONLY',
      () => redis.admin.replicaof('127.0.0.1', DEAD_PORT),
      () => redis.admin.replicaof('NO', 'ONE'),
    ],
    [
      'NOREPLICAS',
      () => redis.admin.config('SET', 'min-replicas-to-write', 1),
      () => redis.admin.config('SET', 'min-replicas-to-write', 0),
    ],
    [
      'MASTERDOWN',
      async () => {
        await redis.admin.config('SET', 'replica-serve-stale-data', 'no')
        await redis.admin.replicaof('127.0.0.1', DEAD_PORT)
      },
      () => redis.admin.replicaof('NO', 'ONE'),
    ],
    ['BUSY', blockByScript, () => redis.admin.script('KILL')],
    ['MISCONF', failToSave, mendSaving],
  ])('is not believed while it answers %s', async (name, begin, end) => {
    const store = await readyStore()
    await begin()
    await untilState(store, 'down', new RegExp(name))
    expect(await outcome(store)).toBe('unavailable')
    await end()
    await untilOutcome(store, 'accepted')
  })

  it('says that a user may not do what is needed', async () => {
    const store = await readyStore()
    await redis.admin.acl('SETUSER', 'default', '-evalsha')
    await untilState(store, 'refused', /NOPERM.*may not run evalsha\. Allow/)
    await expect(store.ready()).rejects.toThrow(/NOPERM/)
    await redis.admin.acl('SETUSER', 'default', '+@all')
    await untilOutcome(store, 'accepted')
  })

  it('says so where it is a script that may not, for which Redis 7 has no code', () => {
    const words =
      "ERR The user executing the script can't run this command or subcommand script: f_1"
    expect(faultOf(new Error(words))).toMatchObject({
      detail: expect.stringMatching(/^NOPERM.*Allow/),
      permanent: true,
    })
  })

  it.each([
    ["NOPERM this user has no permissions to run the 'info' command", /may not run info\./],
    ["NOPERM User app has no permissions to run the 'config|get' command", /run config\|get\./],
    ['NOPERM No permissions to access a key', /may not touch keys of our "name"\./],
    [
      "ERR The user executing the script can't access at least one of the keys mentioned",
      /may not touch keys of our "name"\./,
    ],
    // Valkey 8, in a script.
    [
      "ERR ACL failure in script: User app has no permissions to run the 'zadd' command script: e6",
      /may not run zadd\./,
    ],
    [
      'ERR ACL failure in script: No permissions to access a key script: e6',
      /may not touch keys of our "name"\./,
    ],
    ['NOPERM of a later version', /may not do what the store needs\./],
  ])('names what was denied: %s', (words, detail) => {
    const said = expect.stringMatching(detail)
    expect(faultOf(new Error(words))).toMatchObject({ detail: said, permanent: true })
  })

  it.each([
    ['info', ['-info'], /may not run info\. Allow/],
    ['several', ['-info', '-exists'], /may not run exists, info\. Allow/],
    ['all that managed servers call dangerous', ['-@dangerous'], /may not run info\. Allow/],
  ])(
    'names what was denied inside a script, where Redis 7 does not: %s',
    async (_, rules, said) => {
      await redis.admin.acl('SETUSER', 'narrow', 'on', '>pass', '~*', '+@all', ...rules)
      const url = new URL(redis.url)
      url.username = 'narrow'
      url.password = 'pass'
      const store = stores.open({ redis: url.href })
      await untilState(store, 'refused', said)
      await expect(store.ready()).rejects.toThrow(said)
      await redis.admin.acl('DELUSER', 'narrow')
    },
  )

  it.each(['strict', 'replicated'] as const)(
    'needs no more permissions than it names, in %s mode',
    async (mode) => {
      const permissions = faultOf(new Error('NOPERM')).detail.match(/\+\S+/g) ?? []
      await redis.admin.acl('SETUSER', 'api', 'on', '>pass', '~{revocations}:*', ...permissions)
      const url = new URL(redis.url)
      url.username = 'api'
      url.password = 'pass'
      const store = await readyStore({ redis: url.href, mode })
      await store.revokeToken(token())
      await untilState(store, 'ready')
      expect(await outcome(store)).toBe('token')
    },
  )

  it('says that a password is wanted', async () => {
    const store = await readyStore()
    await redis.admin.config('SET', 'requirepass', 'secret')
    await redis.dropClients()
    await untilState(store, 'refused', /NOAUTH/)
    expect(await outcome(store)).toBe('unavailable')
    await redis.admin.config('SET', 'requirepass', '')
    await untilOutcome(store, 'accepted')
  })

  it('is not believed while it answers LOADING', async () => {
    const server = await startRedis([
      '--save',
      '3600 1',
      '--key-load-delay',
      '1000',
      '--loading-process-events-interval-bytes',
      '1024',
    ])
    const operator = redis.admin.duplicate({ port: server.port })
    operator.on('error', () => undefined)
    const store = await readyStore({ redis: server.url })
    await store.revokeToken(token())
    const fill = "for i = 1, 1500 do redis.call('SET', i, i) end"
    await operator.eval(fill, 0)
    await operator.save()
    const restarted = server.restart()
    await untilState(store, 'down', /LOADING/)
    expect(await outcome(store)).toBe('unavailable')
    await expect(store.revokeToken(token())).rejects.toThrow(/LOADING/)
    await restarted
    await untilOutcome(store, 'token')
    operator.disconnect()
    await stores.close()
    await server.stop()
  })

  it('goes on checking when its memory is full, and rejects revocations by name', async () => {
    const store = await readyStore()
    await store.revokeToken(token())
    await redis.admin.config('SET', 'maxmemory', 1)
    await expect(store.revokeToken(token({ tokenId: 'token-2' }))).rejects.toThrow(/OOM/)
    await beats(2)
    expect(await outcome(store)).toBe('token')
    expect(await outcome(store, token({ tokenId: 'token-2' }))).toBe('accepted')
  })

  it('is asked again where it has forgotten the scripts', async () => {
    const store = await readyStore()
    await redis.admin.script('FLUSH')
    await store.revokeToken(token())
    await beats(2)
    expect(await outcome(store)).toBe('token')
  })

  it('is connected to anew where it drops its clients', async () => {
    const store = await readyStore()
    await store.revokeToken(token())
    for (let i = 0; i < 5; i += 1) {
      await redis.dropClients()
      await untilOutcome(store, 'token')
    }
    expect(store.status().ready).toBe(true)
  })
})

describe('a Redis 6, whose scripts know no flags', () => {
  it.each(['READONLY', 'NOREPLICAS'])('is not believed while it answers %s', async (name) => {
    const store = await readyStore({ redis: olderEngine })
    await store.revokeToken(token())
    if (name === 'READONLY') await redis.admin.replicaof('127.0.0.1', DEAD_PORT)
    else await redis.admin.config('SET', 'min-replicas-to-write', 1)
    await untilState(store, 'down', new RegExp(name))
    expect(await outcome(store)).toBe('unavailable')
    await redis.admin.replicaof('NO', 'ONE')
    await redis.admin.config('SET', 'min-replicas-to-write', 0)
    await untilOutcome(store, 'token')
  })

  it('goes on checking when its memory is full, and leaves no key behind', async () => {
    const store = await readyStore({ redis: olderEngine })
    await store.revokeToken(token())
    await redis.admin.config('SET', 'maxmemory', 1)
    await beats(3)
    expect(store.status()).toMatchObject({ state: 'ready' })
    expect(await outcome(store)).toBe('token')
    expect(await redis.admin.exists('{revocations}:hb')).toBe(0)
  })
})

describe('a Redis that says no for good', () => {
  it('says that the password is wrong', async () => {
    await redis.admin.config('SET', 'requirepass', 'secret')
    const url = new URL(redis.url)
    url.password = 'wrong'
    const store = stores.open({ redis: url.href })
    // ioredis 5 has sent the beat before AUTH was answered, so Redis refuses that first.
    await expect(store.ready()).rejects.toThrow(/refused: (WRONGPASS|NOAUTH).*password.*"redis"/)
    await redis.admin.config('SET', 'requirepass', 'wrong')
    await untilOutcome(store, 'accepted')
  })

  it('says that a key is not ours', async () => {
    const store = await readyStore()
    await store.revokeToken(token())
    await redis.admin.set('{revocations}:log', 'something else')
    await untilState(store, 'refused', /WRONGTYPE/)
    expect(await outcome(store)).toBe('unavailable')
    await redis.admin.del('{revocations}:log')
    await untilOutcome(store, 'floor', token({ tokenId: 'token-2' }))
  })
})

describe('a Redis that evicts', () => {
  it.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])(
    'is refused under %s, with the fix in the message (X-09)',
    async (policy) => {
      await redis.admin.config('SET', 'maxmemory', '100mb')
      await redis.admin.config('SET', 'maxmemory-policy', policy)
      const store = stores.open({ redis: redis.url })
      await expect(store.ready()).rejects.toThrow(new RegExp(`${policy}.*noeviction`))
      expect(await outcome(store)).toBe('unavailable')
      await expect(store.revokeToken(token())).rejects.toThrow(RevocationUnavailable)
      await redis.admin.config('SET', 'maxmemory-policy', 'noeviction')
      await untilOutcome(store, 'accepted')
    },
  )

  it('is used under onEviction warn', async () => {
    await redis.admin.config('SET', 'maxmemory', '100mb')
    await redis.admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const store = await readyStore({ onEviction: 'warn' })
    expect(await outcome(store)).toBe('accepted')
  })

  it('is no matter without a limit of memory', async () => {
    await redis.admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    expect(await outcome(await readyStore())).toBe('accepted')
  })

  it('has lost data where it has evicted keys since it was last seen (X-09)', async () => {
    const store = await readyStore()
    await store.revokeToken(token())
    await redis.admin.config('SET', 'maxmemory-policy', 'volatile-lru')
    await redis.admin.set('cached', 'x'.repeat(100_000), 'EX', 1000)
    await redis.admin.config('SET', 'maxmemory', 1)
    await redis.admin.ping()
    await redis.admin.set('more', 'x').catch(() => undefined)
    await redis.admin.config('SET', 'maxmemory', 0)
    await redis.admin.config('SET', 'maxmemory-policy', 'noeviction')
    await redis.dropClients()
    await untilOutcome(store, 'accepted', freshToken())
    expect(await outcome(store)).toBe('floor')
  })
})

async function blockByScript(): Promise<void> {
  await redis.admin.config('SET', 'lua-time-limit', 50)
  const blocker = redis.admin.duplicate()
  blocker.eval('while true do end', 0).catch(() => blocker.disconnect())
}

/** Where the file should be, there is a folder. */
async function failToSave(): Promise<void> {
  await mkdir(await dumpFile())
  await redis.admin.config('SET', 'save', '3600 1')
  await redis.admin.bgsave()
  await until(async () =>
    expect(await redis.admin.info('persistence')).toContain('last_bgsave_status:err'),
  )
}

async function mendSaving(): Promise<void> {
  await rmdir(await dumpFile())
  await redis.admin.save()
}

async function dumpFile(): Promise<string> {
  const [, folder = ''] = await redis.admin.config('GET', 'dir')
  return join(folder, 'dump.rdb')
}

/** A newer Redis that answers to a script with flags as Redis 6 does. */
function olderEngine(failFast: FailFastOptions): RedisClient {
  const client: RedisClient = new Redis(redis.url, failFast)
  const call = client.call.bind(client)
  return Object.assign(client, {
    call: async (...[command, args]: Parameters<RedisClient['call']>) => {
      if (String(args[0]).startsWith('#!lua')) {
        throw new Error('ERR Error compiling script (new function): unexpected symbol')
      }
      return call(command, args)
    },
  })
}
