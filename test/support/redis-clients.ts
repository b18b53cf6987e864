import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis5'
import type { IoredisClient, NodeRedisClient } from '../../lib/redis.js'

/** Clients as applications make them, by each library and version that is supported. */
export const CLIENTS: Readonly<Record<string, (url: string) => IoredisClient | NodeRedisClient>> = {
  'ioredis 6': (url) => quiet(new Redis(url, { lazyConnect: true })),
  'ioredis 5': (url) => quiet(new Redis5(url, { lazyConnect: true })),
  'node-redis 6': (url) => quiet(createClient({ url })),
  'node-redis 5': (url) => quiet(createClient5({ url })),
}

export const CLIENT_NAMES: readonly string[] = Object.keys(CLIENTS)

function quiet<T extends { on(event: 'error', listener: () => void): unknown }>(client: T): T {
  client.on('error', () => undefined)
  return client
}
