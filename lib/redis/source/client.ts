import { atOnce } from '../../core/app-function.js'
import { Untold, type OptionCheck } from '../../core/options/option-check.js'
import { isThenable, messageOf } from '../../core/values.js'
import { warn } from '../../core/events/warnings.js'
import { RedisSourceError, type ClientOpener, type RedisClient } from '../opener.js'
import {
  adoptIoredis,
  duplicateIoredis,
  FAIL_FAST,
  isIoredisClient,
  type FailFastOptions,
  type IoredisClient,
} from './ioredis.js'
import { isNodeRedis, openNodeRedis, type NodeRedisClient } from '../node-redis/node-redis.js'
import { openUrl, type RedisPackages } from './url.js'

/** Whether it can be given as a client, rather than as a URL or a factory. */
export function isRedisClient(value: unknown): value is IoredisClient | NodeRedisClient {
  return isIoredisClient(value) || isNodeRedis(value)
}

export type { ClientOpener, RedisClient } from '../opener.js'

/**
 * Makes a client, by ioredis or node-redis, and leaves it to us. It is called once for each connection
 * that is needed. ioredis takes the options that it is given; a client of node-redis is duplicated.
 */
export type RedisFactory = (failFast: FailFastOptions) => RedisClient | NodeRedisClient

/**
 * Where Redis is: a `redis://`, `rediss://`, `valkey://` or `valkeys://` URL; a client of ioredis or
 * node-redis, which is duplicated and never used itself; or a factory.
 */
export type RedisSource = string | IoredisClient | NodeRedisClient | RedisFactory

const WANTED =
  'be a redis:// URL, a client of ioredis or node-redis, or a factory like (failFast) => new Redis(url, failFast)'

/**
 * The option, checked, whoever has it. A package is loaded only where a URL asks for it.
 *
 * @param option As its user wrote it, such as `throttle.redis`. @default 'redis'
 */
export function createClientOpener(
  check: OptionCheck,
  source: RedisSource,
  option = 'redis',
  packages?: RedisPackages,
): ClientOpener {
  if (typeof source === 'string') {
    const url = knownUrl(source)
    if (url === undefined) {
      // The URL may hold a password, so it is not shown.
      check.refuse(
        option,
        'be a redis://, rediss:// or valkey:// URL, a client or a factory',
        new Untold('another string'),
      )
    }
    return urlOpener(check.factory, () => openUrl(url, option, packages))
  }
  if (isIoredisClient(source)) {
    return { open: async () => adoptIoredis(duplicateIoredis(source)) }
  }
  if (isNodeRedis(source)) return { open: async () => openNodeRedis(source) }
  if (typeof source !== 'function') {
    // The insides of a client that is none of these would fill a screen.
    check.refuse(option, WANTED, typeof source === 'object' ? new Untold('another object') : source)
  }
  return openerOf(source, `${check.factory}: the "${option}" factory`)
}

/** Where no client can be had, connections are tried for ever: it is told of once. */
function urlOpener(factory: string, open: ClientOpener['open']): ClientOpener {
  let isTold = false
  return {
    async open() {
      try {
        return await open()
      } catch (error) {
        // Another error may show the URL, and with it the password.
        if (!isTold && error instanceof RedisSourceError) {
          isTold = true
          warn('ERS_MISSING_PEER', `${factory}: ${error.message}`)
        }
        throw error
      }
    },
  }
}

function knownUrl(text: string): string | undefined {
  const url = text.replace(/^valkey(s?):\/\//, 'redis$1://')
  return URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol) ? url : undefined
}

function openerOf(factory: RedisFactory, subject: string): ClientOpener {
  const made = new WeakSet<object>()
  const shared = new WeakSet<object>()

  function refuse(why: string, cause?: unknown): never {
    throw new RedisSourceError(`${subject} ${why}`, { cause })
  }

  function make(): unknown {
    try {
      return atOnce<unknown>(factory(FAIL_FAST))
    } catch (error) {
      return refuse(`threw: ${messageOf(error)}`, error)
    }
  }

  return {
    async open() {
      const client = make()
      if (isThenable(client)) return refuse('must return the client itself, not a promise of one')
      if (isNodeRedis(client)) return openNodeRedis(client)
      if (!isIoredisClient(client)) return refuse('must return a client of ioredis or node-redis')
      if (made.has(client)) shared.add(client)
      made.add(client)
      // A store that needs two asks for both at once, so that a shared one is refused before it is used.
      await Promise.resolve()
      if (shared.has(client)) {
        return refuse(
          'must make a new client each time it is called, and returned one twice. To share one, give the client itself',
        )
      }
      if (client.status === 'end') return refuse('must return a client that is not closed')
      return adoptIoredis(client)
    },
  }
}
