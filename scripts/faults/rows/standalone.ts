import { Redis } from 'ioredis'
import { startRedis, type RedisServer } from '../../../tools/redis-server.js'
import { startTcpProxy, type TcpProxy } from '../../../tools/tcp-proxy.js'
import type { Target } from '../protocol.js'
import type { Field, Stage } from '../run.js'

/** One server, and three ways to it: for checks and beats, for revocations, and for the log. */
export interface Standalone {
  readonly redis: RedisServer
  readonly admin: Redis
  readonly proxy: TcpProxy
  readonly writeProxy: TcpProxy
  readonly logProxy: TcpProxy
}

export interface StandaloneOptions {
  readonly settings?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Before any process starts. */
  readonly prepare?: (redis: RedisServer, admin: Redis) => Promise<unknown>
  readonly target?: Pick<Target, 'maxReplicaEntries'>
  /** Where the API processes are sent by mistake. */
  readonly wrongDatabase?: number
}

export function standalone(
  strike: (stage: Standalone, field: Field) => Promise<unknown>,
  options: StandaloneOptions = {},
): () => Promise<Stage> {
  return async () => {
    const redis = await startRedis(options.settings, options.environment)
    const admin = new Redis(redis.url, { retryStrategy: () => 50 })
    admin.on('error', () => undefined)
    const proxies = await Promise.all([1, 2, 3].map(() => startTcpProxy(redis.port)))
    const [proxy, writeProxy, logProxy] = proxies as [TcpProxy, TcpProxy, TcpProxy]
    const [port, writePort, logPort] = proxies.map((one) => one.port) as [number, number, number]
    await options.prepare?.(redis, admin)
    const target: Target = { kind: 'standalone', port, writePort, logPort, ...options.target }
    const db = options.wrongDatabase
    return {
      target,
      ...(db === undefined ? {} : { workerTarget: { ...target, db, onEmpty: 'floor' } }),
      async strike(field) {
        await strike({ redis, admin, proxy, writeProxy, logProxy }, field)
      },
      async stop() {
        admin.disconnect()
        redis.resume()
        await Promise.all(proxies.map((one) => one.close()))
        await redis.stop()
      },
    }
  }
}

/** The network between all processes and Redis. */
export const network = ({ proxy, writeProxy, logProxy }: Standalone): readonly TcpProxy[] => [
  proxy,
  writeProxy,
  logProxy,
]
