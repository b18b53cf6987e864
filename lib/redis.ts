export type { RedisClient } from './redis/source/client.js'
export type { FailFastOptions, IoredisClient } from './redis/source/ioredis.js'
export type { NodeRedisClient } from './redis/node-redis/node-redis.js'
export type { RedisFactory, RedisSource } from './redis/source/client.js'
export type { RedisRevocationStoreOptions } from './revocation/redis/schema/options.js'
export {
  redisFamilyStore,
  type RedisFamilyStoreOptions,
} from './session/redis/redis-family-store.js'
export {
  redisSessionStore,
  type RedisSessionStoreOptions,
} from './session/redis/redis-session-store.js'
export { redisReplayStore, type RedisReplayStoreOptions } from './replay/redis-store.js'
export { redisRevocationStore, type RedisRevocationStore } from './revocation/redis/redis-store.js'
