import { isRecord } from '../../core/values.js'
import { RedisSourceError, retryDelayMs, type RedisClient } from '../opener.js'

/** A client of the application by ioredis 5 or 6, `Redis` or `Cluster`. */
export interface IoredisClient extends RedisClient {
  readonly duplicate: (...overrides: never[]) => object
}

/**
 * Client options without which a check could hang for a minute, or be sent again to a server that
 * has restarted empty in between and answer "not revoked".
 */
export interface FailFastOptions {
  readonly enableOfflineQueue: false
  readonly maxRetriesPerRequest: number
  readonly autoResendUnfulfilledCommands: false
  readonly reconnectOnError: null
  /** While ioredis 5 waits for the answer, it takes a connection for ready that was closed meanwhile. */
  readonly disableClientInfo: true
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

export const FAIL_FAST: FailFastOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  reconnectOnError: null,
  disableClientInfo: true,
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

/** Options of a client of the application that would change our commands or their answers. */
const PLAIN = {
  lazyConnect: false,
  connectionName: undefined,
  enableAutoPipelining: false,
  keyPrefix: '',
  stringNumbers: false,
  readOnly: false,
  role: 'master',
  commandTimeout: undefined,
  socketTimeout: undefined,
  replyMapping: 'legacy',
}

export function isIoredisClient(value: unknown): value is IoredisClient {
  return (
    isRecord(value) &&
    isRecord(value['options']) &&
    ['call', 'pipeline', 'on', 'connect', 'disconnect'].every(
      (name) => typeof value[name] === 'function',
    )
  )
}

/** A client of our own to the same server, with the same credentials. */
export function duplicateIoredis(client: IoredisClient): RedisClient {
  const overrides = client.isCluster
    ? [[], { ...PLAIN, ...clusterOptions(client, PLAIN) }]
    : [{ ...PLAIN, ...FAIL_FAST }]
  const ours: unknown = Reflect.apply(client.duplicate, client, overrides)
  if (isIoredisClient(ours)) return ours
  throw new RedisSourceError('A client of ioredis 5 or 6 is needed')
}

/**
 * A factory that does not pass the options on would make a client that queues and resends. They are
 * read when a command is sent or a connection lost, so setting them now is early enough.
 */
export function adoptIoredis(client: RedisClient): RedisClient {
  Object.assign(client.options, client.isCluster ? clusterOptions(client) : FAIL_FAST)
  letProcessEnd(client)
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

function clusterOptions({ options }: RedisClient, forNodes: object = {}): object {
  const nodeOptions = 'redisOptions' in options ? options.redisOptions : undefined
  const {
    connectTimeout,
    enableReadyCheck,
    maxRetriesPerRequest,
    autoResendUnfulfilledCommands,
    reconnectOnError,
    disableClientInfo,
  } = FAIL_FAST
  return {
    ...FAIL_FAST,
    // A replica may lag behind the beat that its master has answered.
    scaleReads: 'master',
    redisOptions: {
      ...(isRecord(nodeOptions) ? nodeOptions : {}),
      ...forNodes,
      connectTimeout,
      enableReadyCheck,
      maxRetriesPerRequest,
      autoResendUnfulfilledCommands,
      reconnectOnError,
      disableClientInfo,
    },
  }
}

/**
 * Sockets and timers of a client do not keep the process alive. The caller that waits for an answer
 * does, by `holdingProcess`.
 */
function letProcessEnd(client: RedisClient): void {
  client.on('connect', () => {
    unref(client, 'stream')
    // Nobody subscribes here, and the connection that ioredis keeps for it cannot be reached otherwise.
    if (client.isCluster) stopSubscriber(client)
  })
  client.on('reconnecting', () => unref(client, 'reconnectTimeout'))
  if (!client.isCluster) return
  client.on('+node', (node) => {
    if (isIoredisClient(node)) letProcessEnd(node)
  })
}

function unref(holder: object, name: string): void {
  const held: unknown = Reflect.get(holder, name)
  if (isRecord(held) && typeof held['unref'] === 'function') held['unref'].call(held)
}

function stopSubscriber(cluster: object): void {
  const subscriber: unknown = Reflect.get(cluster, 'subscriber')
  if (isRecord(subscriber) && typeof subscriber['stop'] === 'function') {
    subscriber['stop'].call(subscriber)
  }
}
