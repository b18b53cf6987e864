import { randomInt } from 'node:crypto'
import { atOnce } from '../core/app-function.js'
import type { OptionCheck } from '../core/options.js'
import { isRecord, messageOf } from '../core/values.js'

/** As much of an ioredis client (5 or 6, `Redis` or `Cluster`) as is used here. */
export interface RedisClient {
  readonly status: string
  readonly isCluster: boolean
  readonly options: object
  call(command: string, args: readonly (string | Buffer | number)[]): Promise<unknown>
  pipeline(commands: unknown[][]): { exec(): Promise<[Error | null, unknown][] | null> }
  on(event: string, listener: (...args: unknown[]) => void): unknown
  connect(): Promise<unknown>
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
  /** Beats ask more, and say by name why a Redis that takes connections is not ready. */
  readonly enableReadyCheck: false
  readonly retryStrategy: (attempt: number) => number
  readonly clusterRetryStrategy: (attempt: number) => number
  readonly slotsRefreshTimeout: number
  readonly slotsRefreshInterval: number
  /** Answers by which a Cluster says that it is changing are told by name within a check's deadline. */
  readonly retryDelayOnClusterDown: number
  readonly retryDelayOnTryAgain: number
  readonly maxRedirections: number
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
  enableReadyCheck: false,
  retryStrategy: retryDelayMs,
  clusterRetryStrategy: retryDelayMs,
  slotsRefreshTimeout: 1000,
  slotsRefreshInterval: 1000,
  retryDelayOnClusterDown: 0,
  retryDelayOnTryAgain: 10,
  maxRedirections: 5,
}

/** Jitter keeps a fleet from reconnecting in step. */
function retryDelayMs(attempt: number): number {
  const most = Math.min(50 * attempt, RETRY_MAX_MS)
  return randomInt(Math.ceil(most / 2), most + 1)
}

/** There is no client to be had until the options or the installation are mended. */
export class RedisSourceError extends Error {
  override readonly name = 'RedisSourceError'
}

/** Opens connections that nobody else uses: a blocking command of the application would stall checks. */
export interface ClientOpener {
  /** @throws RedisSourceError where that cannot come to be by itself. */
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
  const made = new WeakSet<RedisClient>()
  if (typeof source !== 'function') {
    check.refuse(
      'redis',
      'be a redis:// URL or a factory like (failFast) => new Redis(url, failFast)',
      source,
    )
  }
  return { open: () => openWith(source, check.factory, made) }
}

async function openWith(
  factory: RedisFactory,
  owner: string,
  made: WeakSet<RedisClient>,
): Promise<RedisClient> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new RedisSourceError(`${owner}: the "redis" factory ${why}`, { cause })
  }
  let client: unknown
  try {
    client = atOnce(factory(FAIL_FAST))
  } catch (error) {
    return refuse(`threw: ${messageOf(error)}`, error)
  }
  if (!isRedisClient(client)) return refuse('must return an ioredis Redis or Cluster')
  if (made.has(client)) {
    return refuse('must make a new client each time it is called, and returned one twice')
  }
  if (client.status === 'end') return refuse('must return a client that is not closed')
  made.add(client)
  enforceFailFast(client)
  if (client.isCluster) client.on('+node', settleAsking)
  return client
}

/**
 * While a slot moves, ioredis sends ASKING to the new node and drops its promise. If that node goes
 * away, nobody handles the rejection, and Node ends the process. The command behind it fails by itself.
 */
function settleAsking(node: unknown): void {
  if (!isAskable(node)) return
  const { asking } = node
  node.asking = () => asking.call(node).catch(() => undefined)
}

function isAskable(node: unknown): node is { asking: () => Promise<unknown> } {
  return isRecord(node) && typeof node['asking'] === 'function'
}

async function openUrl(url: string): Promise<RedisClient> {
  const { Redis } = await import('ioredis').catch((cause: unknown) => {
    throw new RedisSourceError('A URL in "redis" needs the package ioredis: npm install ioredis', {
      cause,
    })
  })
  return new Redis(url, FAIL_FAST)
}

function isRedisClient(value: unknown): value is RedisClient {
  return (
    isRecord(value) &&
    isRecord(value['options']) &&
    ['call', 'pipeline', 'on', 'connect', 'disconnect'].every(
      (name) => typeof value[name] === 'function',
    )
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
  const { connectTimeout, enableReadyCheck, maxRetriesPerRequest, autoResendUnfulfilledCommands } =
    FAIL_FAST
  return {
    ...FAIL_FAST,
    // A replica may lag behind the beat that its master has answered.
    scaleReads: 'master',
    redisOptions: {
      ...(isRecord(nodeOptions) ? nodeOptions : {}),
      connectTimeout,
      enableReadyCheck,
      maxRetriesPerRequest,
      autoResendUnfulfilledCommands,
    },
  }
}
