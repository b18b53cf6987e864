export type { FailFastOptions, RedisClient, RedisFactory, RedisSource } from './client.js'
export {
  redisRevocationStore,
  type RedisRevocationStore,
  type RedisRevocationStoreOptions,
} from './redis-store.js'
