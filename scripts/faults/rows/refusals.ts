import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { DEAD_PORT } from '../../../tools/redis-server.js'
import { poll } from '../../../tools/redis-topologies.js'
import type { Scenario } from '../run.js'
import { fillWithOtherKeys } from './fill.js'
import { standalone } from './standalone.js'

const EVICTING_POLICIES = [
  'allkeys-lru',
  'allkeys-lfu',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
]

/** Keeps writing what a cache would, until the time is over; a full memory is no reason to stop. */
async function flood(admin: Redis, durationMs: number): Promise<void> {
  const until = Date.now() + durationMs
  for (let i = 0; Date.now() < until; i += 1) {
    await admin.set(`cached-${i}`, 'x'.repeat(2000)).catch(() => undefined)
  }
}

/** So much above what is used now. */
async function limitMemory(admin: Redis, bytes: number): Promise<void> {
  const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1])
  await admin.config('SET', 'maxmemory', used + bytes)
}

function evicting(policy: string, floodMs: number): Pick<Scenario, 'name' | 'naive' | 'prepare'> {
  return {
    name: `evicting keys for ${floodMs / 1000} s (${policy})`,
    naive: 'hurt',
    prepare: standalone(async ({ admin }) => {
      await limitMemory(admin, 500_000)
      await admin.config('SET', 'maxmemory-policy', policy)
      // The policy is noticed within a second; what is evicted before that is not.
      await wait(1300)
      await flood(admin, floodMs)
      await admin.config('SET', 'maxmemory', 0)
      await admin.config('SET', 'maxmemory-policy', 'noeviction')
    }),
  }
}

/** Redis is there, but does not do what it is asked. */
export const REFUSAL_SCENARIOS: readonly Scenario[] = [
  evicting('allkeys-random', 3000),
  ...EVICTING_POLICIES.map((policy) => ({ ...evicting(policy, 1000), recoveryMs: 2000 })),
  {
    name: 'memory full at once, no eviction (OOM)',
    naive: 'unhurt',
    prepare: standalone(async ({ admin }) => {
      await admin.config('SET', 'maxmemory', 1)
      await wait(2000)
      await admin.config('SET', 'maxmemory', 0)
    }),
    recoveryMs: 2000,
  },
  {
    name: 'memory fills up under load, no eviction (OOM)',
    naive: 'unhurt',
    prepare: standalone(async ({ admin }) => {
      await limitMemory(admin, 2_000_000)
      await flood(admin, 3000)
      await admin.config('SET', 'maxmemory', 0)
    }),
    recoveryMs: 2000,
  },
  {
    name: 'snapshots fail (MISCONF)',
    // It can revoke no more either.
    naive: 'unhurt',
    prepare: standalone(async ({ admin }) => {
      const [, folder] = (await admin.config('GET', 'dir')) as [string, string]
      const inTheWay = join(folder, 'dump.rdb')
      const snapshotIs = (status: string): Promise<void> =>
        poll(async () => (await admin.info()).includes(`rdb_last_bgsave_status:${status}`))
      await mkdir(inTheWay)
      await admin.config('SET', 'save', '3600 1')
      await admin.bgsave()
      await snapshotIs('err')
      await wait(2500)
      await rmdir(inTheWay)
      await admin.bgsave()
      await snapshotIs('ok')
    }),
  },
  {
    name: 'a script blocks it for 2 s (BUSY)',
    naive: 'hurt',
    prepare: standalone(
      async ({ admin, redis }) => {
        const busy = new Redis(redis.url)
        const blocked = busy.eval('while true do end', 0).catch(() => undefined)
        await wait(2000)
        await admin.script('KILL')
        await blocked
        busy.disconnect()
      },
      { settings: ['--busy-reply-threshold', '200'] },
    ),
  },
  {
    name: 'killed, reads 2,000,000 keys at its start (LOADING)',
    naive: 'hurt',
    prepare: standalone(
      async ({ redis }) => {
        await redis.kill()
        await redis.restart()
      },
      {
        settings: ['--appendonly', 'yes', '--appendfsync', 'always'],
        prepare: (_redis, admin) => fillWithOtherKeys(admin, 2_000_000),
      },
    ),
  },
  {
    name: 'made a replica for 2 s (READONLY)',
    naive: 'unhurt',
    prepare: standalone(async ({ admin }) => {
      await admin.replicaof('127.0.0.1', DEAD_PORT)
      await wait(2000)
      await admin.replicaof('NO', 'ONE')
    }),
  },
  {
    name: 'permissions taken away for 2 s (NOPERM)',
    naive: 'hurt',
    prepare: standalone(async ({ admin }) => {
      await admin.call('ACL', 'SETUSER', 'default', '-@all', '+acl', '+info')
      await wait(2000)
      await admin.call('ACL', 'SETUSER', 'default', '+@all')
    }),
  },
  {
    name: 'another password for 2 s (NOAUTH)',
    naive: 'hurt',
    prepare: standalone(async ({ admin }) => {
      await admin.config('SET', 'requirepass', 'another')
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await wait(2000)
      await admin.config('SET', 'requirepass', '')
    }),
  },
  {
    name: 'scripts forgotten five times (NOSCRIPT)',
    naive: 'unhurt',
    prepare: standalone(async ({ admin }) => {
      for (let i = 0; i < 5; i += 1) {
        await admin.script('FLUSH')
        await wait(200)
      }
    }),
    recoveryMs: 2000,
  },
]
