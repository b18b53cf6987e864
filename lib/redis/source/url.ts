import { isRecord } from '../../core/values.js'
import { RedisSourceError, type RedisClient } from '../opener.js'
import { adoptIoredis, FAIL_FAST } from './ioredis.js'
import { isNodeRedis, openNodeRedis } from '../node-redis/node-redis.js'

/** The packages that a URL may use, the first that is installed. */
export interface RedisPackages {
  readonly ioredis: () => Promise<Pick<typeof import('ioredis'), 'Redis'>>
  readonly redis: () => Promise<Pick<typeof import('redis'), 'createClient'>>
}

const INSTALLED: RedisPackages = {
  ioredis: () => import('ioredis'),
  redis: () => import('redis'),
}

/** A client to a URL, by ioredis where it is installed, else by node-redis. */
export async function openUrl(
  url: string,
  option: string,
  packages: RedisPackages = INSTALLED,
): Promise<RedisClient> {
  const ioredis = await ifInstalled(packages.ioredis)
  if (ioredis !== undefined) return adoptIoredis(new ioredis.Redis(url, FAIL_FAST))
  const redis = await ifInstalled(packages.redis)
  const client: unknown = redis?.createClient({ url })
  if (isNodeRedis(client)) return openNodeRedis(client)
  throw new RedisSourceError(
    `A URL in "${option}" needs the package ioredis, or redis: npm install ioredis`,
  )
}

/** A package that is there and does not load has an error of its own to tell. */
async function ifInstalled<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load()
  } catch (error) {
    if (isNotInstalled(error)) return undefined
    throw new RedisSourceError(`The Redis client cannot be loaded: ${String(error)}`, {
      cause: error,
    })
  }
}

/** By the code of Node and most bundlers; the stub that Bun puts in place of a package has a message alone. */
function isNotInstalled(error: unknown): boolean {
  if (!isRecord(error)) return false
  const isStub = String(error['message']).startsWith('Cannot require module ')
  return isStub || /^(ERR_)?MODULE_NOT_FOUND$/.test(String(error['code']))
}
