import { systemTimer } from '../../core/clock.js'
import { isRecord } from '../../core/values.js'
import { RedisSourceError, type RedisClient } from '../opener.js'
import { connectCluster, type ClusterOptions } from './cluster.js'
import { connectPlain, plainOptions, type Connect, type PlainClient } from './connection.js'
import { ReconnectingClient } from './reconnecting-client.js'
import { connectBySentinel, type SentinelOptions } from './sentinel.js'

/** A client by node-redis 5 or 6: of `createClient`, `createCluster` or `createSentinel`. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  readonly duplicate: (...overrides: never[]) => object
  sendCommand(...args: never[]): Promise<unknown>
  destroy(): unknown
}

export function isNodeRedis(value: unknown): value is NodeRedisClient {
  return (
    isRecord(value) &&
    typeof value['isOpen'] === 'boolean' &&
    ['duplicate', 'sendCommand', 'destroy'].every((name) => typeof value[name] === 'function')
  )
}

/** A client of ours to the same server, with the same credentials. */
export function openNodeRedis(given: NodeRedisClient): RedisClient {
  return new ReconnectingClient(connectorOf(given), systemTimer)
}

function connectorOf(given: NodeRedisClient): Connect {
  const options = optionsOf(given)
  if (isClusterOptions(options)) {
    return connectCluster(options, createPlain)
  }
  if (isSentinelOptions(options)) return connectBySentinel(options, createPlain)
  return (connecting) => connectPlain(duplicateOf(given, options), connecting)
}

/**
 * A duplicate is made by the constructor of its prototype, with all options. Ours keeps them: a
 * Sentinel client has no other way to tell the addresses and passwords that it was made with.
 */
function optionsOf(given: NodeRedisClient): unknown {
  let options: unknown
  class Catcher {
    readonly _self: unknown = Reflect.get(given, '_self') ?? given

    constructor(seen?: unknown) {
      options = seen ?? options
    }
  }
  given.duplicate.call(new Catcher())
  return options
}

function isClusterOptions(options: unknown): options is ClusterOptions {
  return isRecord(options) && Array.isArray(options['rootNodes'])
}

function isSentinelOptions(options: unknown): options is SentinelOptions {
  return isRecord(options) && Array.isArray(options['sentinelRootNodes'])
}

function duplicateOf(given: NodeRedisClient, options: unknown): PlainClient {
  const overrides = { ...plainOptions(options), url: undefined }
  const ours: unknown = Reflect.apply(given.duplicate, given, [overrides])
  return asPlain(ours)
}

/** A Cluster and a Sentinel are of the same package, but give no way to its clients. */
async function createPlain(options: Record<string, unknown>): Promise<PlainClient> {
  const { createClient } = await import('redis')
  return asPlain(createClient(plainOptions(options)))
}

function asPlain(client: unknown): PlainClient {
  if (isPlain(client)) return client
  throw new RedisSourceError('A client of node-redis 5 or 6 is needed')
}

function isPlain(client: unknown): client is PlainClient {
  return (
    isRecord(client) &&
    ['sendCommand', 'connect', 'destroy', 'unref', 'on'].every(
      (name) => typeof client[name] === 'function',
    )
  )
}
