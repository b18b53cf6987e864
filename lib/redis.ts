export type { FailFastOptions, RedisClient, RedisFactory, RedisSource } from './redis/client.js'
export type { RedisRevocationStoreOptions } from './revocation/redis/schema/options.js'
export {
  redisFamilyStore,
  type RedisFamilyStoreOptions,
} from './session/redis/redis-family-store.js'
export { redisRevocationStore, type RedisRevocationStore } from './revocation/redis/redis-store.js'
