import { isRecord } from '../../core/values.js'
import type { Address } from './known-nodes.js'

/** Slots that one master has. */
export interface Shard {
  readonly from: number
  readonly to: number
  readonly master: Address
}

/** `[[from, to, [host, port, ...], ...replicas], ...]` */
function toShards(reply: unknown, server: Record<string, unknown>): readonly Shard[] {
  const socket = isRecord(server['socket']) ? server['socket'] : {}
  const ownHost = typeof socket['host'] === 'string' ? socket['host'] : '127.0.0.1'
  return listIn(reply).map((shard) => {
    const [from, to, master] = listIn(shard)
    const [host, port] = listIn(master)
    // A node that never met another does not know its own address.
    const known = typeof host === 'string' && host !== '' ? host : ownHost
    return { from: Number(from), to: Number(to), master: { host: known, port: Number(port) } }
  })
}

/** @throws where a node knows of none, as one that was reset: another one may. */
export function knownShards(reply: unknown, server: Record<string, unknown>): readonly Shard[] {
  const shards = toShards(reply, server)
  if (shards.length === 0) throw new Error('CLUSTERDOWN: no node has any slot')
  return shards
}

function listIn(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply
  throw new Error('a node answered CLUSTER SLOTS oddly')
}
