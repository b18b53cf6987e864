export type { FailFastOptions, RedisClient, RedisFactory, RedisSource } from './client.js'
export type { RedisRevocationStoreOptions } from './options.js'
export { redisRevocationStore, type RedisRevocationStore } from './redis-store.js'
