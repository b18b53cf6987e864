import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { startRedis, type RedisServer } from '../redis-server.js'
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js'
import type { Scenario, Stage } from './run.js'
import { STORE_NAMES } from './tokens.js'

interface Standalone {
  readonly redis: RedisServer
  readonly admin: Redis
  readonly proxy: TcpProxy
}

/** One server behind a proxy. */
function standalone(
  strike: (stage: Standalone) => Promise<unknown>,
  settings: readonly string[] = [],
): () => Promise<Stage> {
  return async () => {
    const redis = await startRedis(settings)
    const admin = new Redis(redis.url, { retryStrategy: () => 50 })
    admin.on('error', () => undefined)
    const proxy = await startTcpProxy(redis.port)
    return {
      target: { kind: 'standalone', port: proxy.port },
      async strike() {
        await strike({ redis, admin, proxy })
      },
      async stop() {
        admin.disconnect()
        redis.resume()
        await proxy.close()
        await redis.stop()
      },
    }
  }
}

const keysNamed = (name: string): string[] =>
  Object.values(STORE_NAMES).map((store) => `{${store}}:${name}`)

const APPEND_ONLY = ['--appendonly', 'yes', '--appendfsync', 'always']

export const STANDALONE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'paused for 3 s',
    naive: 'hurt',
    prepare: standalone(async ({ redis }) => {
      redis.pause()
      await wait(3000)
      redis.resume()
    }),
  },
  {
    name: 'paused for 1 s',
    naive: 'hurt',
    short: true,
    prepare: standalone(async ({ redis }) => {
      redis.pause()
      await wait(1000)
      redis.resume()
    }),
    recoveryMs: 1500,
  },
  {
    name: 'killed, restarts empty',
    naive: 'hurt',
    short: true,
    prepare: standalone(async ({ redis }) => {
      await redis.kill()
      await wait(300)
      await redis.restart()
    }),
    recoveryMs: 1500,
  },
  {
    name: 'killed, restarts from an older backup',
    naive: 'hurt',
    prepare: standalone(async ({ redis, admin }) => {
      await admin.save()
      await wait(1500)
      await redis.restart()
    }),
  },
  {
    name: 'killed, append-only file complete',
    naive: 'either',
    prepare: standalone(async ({ redis }) => {
      await redis.kill()
      await wait(500)
      await redis.restart()
    }, APPEND_ONLY),
  },
  {
    name: 'FLUSHALL',
    naive: 'hurt',
    short: true,
    prepare: standalone(({ admin }) => admin.flushall()),
    recoveryMs: 1500,
  },
  {
    name: 'another database swapped in',
    naive: 'hurt',
    prepare: standalone(({ admin }) => admin.swapdb(0, 1)),
  },
  {
    name: 'the log deleted',
    naive: 'unhurt',
    prepare: standalone(({ admin }) => admin.del(keysNamed('log'))),
  },
  {
    name: 'the lineage and the sequence deleted',
    naive: 'unhurt',
    prepare: standalone(({ admin }) => admin.del([...keysNamed('lin'), ...keysNamed('seq')])),
  },
  {
    name: 'connections killed five times',
    naive: 'either',
    prepare: standalone(async ({ admin }) => {
      for (let i = 0; i < 5; i += 1) {
        await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
        await wait(200)
      }
    }),
  },
  {
    name: 'black hole for 3 s',
    naive: 'hurt',
    prepare: standalone(async ({ proxy }) => {
      proxy.hold()
      await wait(3000)
      proxy.cut()
      proxy.release()
    }),
  },
  {
    name: 'answers 300 ms late for 2 s',
    naive: 'hurt',
    prepare: standalone(async ({ proxy }) => {
      proxy.delay(150)
      await wait(2000)
      proxy.delay(0)
    }),
  },
  {
    name: 'scripts forgotten five times',
    naive: 'unhurt',
    prepare: standalone(async ({ admin }) => {
      for (let i = 0; i < 5; i += 1) {
        await admin.script('FLUSH')
        await wait(200)
      }
    }),
  },
  {
    name: 'memory full, no eviction',
    naive: 'unhurt',
    prepare: standalone(async ({ admin }) => {
      await admin.config('SET', 'maxmemory', 1)
      await wait(2000)
      await admin.config('SET', 'maxmemory', 0)
    }),
  },
  {
    name: 'evicting keys for 3 s (allkeys-random)',
    naive: 'hurt',
    prepare: standalone(async ({ admin }) => {
      const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1])
      await admin.config('SET', 'maxmemory', used + 500_000)
      await admin.config('SET', 'maxmemory-policy', 'allkeys-random')
      // The policy is noticed within a second; what is evicted before that is not.
      await wait(1300)
      const until = Date.now() + 3000
      for (let i = 0; Date.now() < until; i += 1) await admin.set(`cached-${i}`, 'x'.repeat(2000))
      await admin.config('SET', 'maxmemory', 0)
      await admin.config('SET', 'maxmemory-policy', 'noeviction')
    }),
  },
  {
    name: 'made a replica for 2 s',
    naive: 'either',
    prepare: standalone(async ({ admin, redis }) => {
      await admin.replicaof('127.0.0.1', redis.port + 1)
      await wait(2000)
      await admin.replicaof('NO', 'ONE')
    }),
  },
]
