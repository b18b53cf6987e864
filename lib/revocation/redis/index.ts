export type { FailFastOptions, RedisClient, RedisFactory, RedisSource } from './client.js'
export { redisRevocationStore, type RedisRevocationStoreOptions } from './redis-store.js'
