import type { Connect } from './connection.js'
import {
  askInTurn,
  at,
  connectTo,
  mapped,
  type Address,
  type AddressMap,
  type CreatePlain,
} from './known-nodes.js'

/** Options of `createSentinel`, as far as they say where the servers are. */
export interface SentinelOptions {
  readonly name: string
  readonly sentinelRootNodes: readonly Address[]
  readonly nodeClientOptions?: unknown
  readonly sentinelClientOptions?: unknown
  readonly nodeAddressMap?: AddressMap | undefined
}

/** Asks the Sentinels for the master each time anew. Whether it still is one, the first command tells. */
export function connectBySentinel(options: SentinelOptions, create: CreatePlain): Connect {
  const { name, sentinelRootNodes, nodeAddressMap: map } = options
  const sentinels = sentinelRootNodes.map((address) =>
    at(options.sentinelClientOptions, mapped(map, address)),
  )

  return async (connecting) => {
    const { signal } = connecting
    const master = await askInTurn(
      sentinels,
      async (sentinel) => {
        const reply = await sentinel.send('SENTINEL', ['get-master-addr-by-name', name])
        if (!Array.isArray(reply)) throw new Error(`A Sentinel knows no master "${name}"`)
        return { host: String(reply[0]), port: Number(reply[1]) }
      },
      { create, signal },
    )
    return connectTo(create, options.nodeClientOptions, mapped(map, master), connecting)
  }
}
