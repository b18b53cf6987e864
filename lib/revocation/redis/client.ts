import { randomInt } from 'node:crypto'
import type { OptionCheck } from '../../core/options.js'
import { isRecord } from '../../core/values.js'

/** As much of an ioredis client (5 or 6, `Redis` or `Cluster`) as is used here. */
export interface RedisClient {
  readonly status: string
  readonly isCluster: boolean
  readonly options: object
  call(command: string, args: (string | Buffer | number)[]): Promise<unknown>
  pipeline(commands: unknown[][]): { exec(): Promise<[Error | null, unknown][] | null> }
  on(event: string, listener: (...args: unknown[]) => void): unknown
  disconnect(reconnect?: boolean): void
}

/**
 * Client options without which a check could hang for a minute, or be sent again to a server that
 * has restarted empty in between and answer "not revoked".
 */
export interface FailFastOptions {
  readonly enableOfflineQueue: false
  readonly maxRetriesPerRequest: number
  readonly autoResendUnfulfilledCommands: false
  readonly connectTimeout: number
  /** A paused server never closes its side, so a connection given up must be torn down by ours. */
  readonly disconnectTimeout: number
  /** ioredis waits up to 10 s after a LOADING answer before it asks again. */
  readonly maxLoadingRetryTime: number
  readonly retryStrategy: (attempt: number) => number
  readonly clusterRetryStrategy: (attempt: number) => number
  readonly slotsRefreshTimeout: number
  readonly slotsRefreshInterval: number
}

/** Makes a client. It is called once for each connection the store needs. */
export type RedisFactory = (failFast: FailFastOptions) => RedisClient

export type RedisSource = string | RedisFactory

const RETRY_MAX_MS = 500

const FAIL_FAST: FailFastOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: 1000,
  disconnectTimeout: 100,
  maxLoadingRetryTime: 300,
  retryStrategy: retryDelayMs,
  clusterRetryStrategy: retryDelayMs,
  slotsRefreshTimeout: 1000,
  slotsRefreshInterval: 1000,
}

/** Jitter keeps a fleet from reconnecting in step. */
function retryDelayMs(attempt: number): number {
  const most = Math.min(50 * attempt, RETRY_MAX_MS)
  return randomInt(Math.ceil(most / 2), most + 1)
}

/** Opens connections that nobody else uses: a blocking command of the application would stall checks. */
export interface ClientOpener {
  open(): Promise<RedisClient>
}

/** A URL or a factory, checked; ioredis is loaded only where a URL asks for it. */
export function compileRedisSource(check: OptionCheck, source: RedisSource): ClientOpener {
  if (typeof source === 'string') {
    if (!URL.canParse(source) || !/^rediss?:$/.test(new URL(source).protocol)) {
      // The URL may hold a password, so it is not shown.
      check.refuse('redis', 'be a redis:// or rediss:// URL, or a factory', 'another string')
    }
    return { open: () => openUrl(source) }
  }
  if (typeof source !== 'function') {
    check.refuse(
      'redis',
      'be a redis:// URL or a factory like (failFast) => new Redis(url, failFast)',
      source,
    )
  }
  const opened = new Set<unknown>()
  return {
    async open() {
      const client: unknown = source(FAIL_FAST)
      if (!isRedisClient(client)) {
        return check.refuse('redis', 'return an ioredis Redis or Cluster from its factory', client)
      }
      if (opened.has(client)) {
        throw new TypeError(
          `${check.factory}: the "redis" factory must make a new client each time it is called, and returned one twice`,
        )
      }
      opened.add(client)
      enforceFailFast(client)
      return client
    },
  }
}

async function openUrl(url: string): Promise<RedisClient> {
  const { Redis } = await import('ioredis').catch((cause: unknown) => {
    throw new TypeError('A URL in "redis" needs the package ioredis: npm install ioredis', {
      cause,
    })
  })
  return new Redis(url, FAIL_FAST)
}

function isRedisClient(value: unknown): value is RedisClient {
  return (
    isRecord(value) &&
    isRecord(value['options']) &&
    ['call', 'pipeline', 'on', 'disconnect'].every((name) => typeof value[name] === 'function')
  )
}

/**
 * A factory that does not pass the options on would make a client that queues and resends. They are
 * read when a command is sent or a connection lost, so setting them now is early enough.
 */
function enforceFailFast(client: RedisClient): void {
  Object.assign(client.options, client.isCluster ? clusterOptions(client) : FAIL_FAST)
}

function clusterOptions({ options }: RedisClient): object {
  const nodeOptions = 'redisOptions' in options ? options.redisOptions : undefined
  const { connectTimeout, maxRetriesPerRequest, autoResendUnfulfilledCommands } = FAIL_FAST
  return {
    ...FAIL_FAST,
    // A replica may lag behind the beat that its master has answered.
    scaleReads: 'master',
    redisOptions: {
      ...(isRecord(nodeOptions) ? nodeOptions : {}),
      connectTimeout,
      maxRetriesPerRequest,
      autoResendUnfulfilledCommands,
    },
  }
}
