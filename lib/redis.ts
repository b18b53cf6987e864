export type { FailFastOptions, RedisClient, RedisFactory, RedisSource } from './redis/client.js'
export type { RedisRevocationStoreOptions } from './revocation/redis/schema/options.js'
export { redisRevocationStore, type RedisRevocationStore } from './revocation/redis/redis-store.js'
