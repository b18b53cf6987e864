import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { systemTimer } from '../../core/clock.js'
import { withDeadline } from '../../core/deadline.js'
import { isRecord, messageOf } from '../../core/values.js'
import type {
  CommandArguments,
  Connect,
  Connection,
  ConnectOptions,
  Replies,
} from './connection.js'
import { ClusterNode } from './cluster-node.js'
import {
  ANSWER_MS,
  askInTurn,
  at,
  connectTo,
  mapped,
  type Address,
  type AddressMap,
  type CreatePlain,
} from './known-nodes.js'
import { knownShards, type Shard } from './shards.js'
import { firstKey, slotOf } from './slots.js'

/** Options of `createCluster`, as far as they say where the servers are. */
export interface ClusterOptions {
  readonly rootNodes: readonly unknown[]
  readonly defaults?: unknown
  readonly nodeAddressMap?: AddressMap | undefined
}

const MAX_REDIRECTIONS = 5
const TRY_AGAIN_MS = 10
/** While the Cluster is down, each command is told so: not each of them shall look for another node. */
const LOOK_AGAIN_MS = 100

/**
 * Asks the masters alone: a replica may lag behind the beat that its master has answered. The client
 * of node-redis is not used, because it splits commands and takes WAIT to other nodes than the write.
 */
export function connectCluster(options: ClusterOptions, create: CreatePlain): Connect {
  const roots = options.rootNodes.map((root) => withDefaults(options.defaults, root))
  /** After a while, none of the first addresses may be in use any more. */
  let known: readonly Address[] = []

  async function discover(signal: AbortSignal): Promise<readonly Shard[]> {
    const others = known.map((address) =>
      at(options.defaults, mapped(options.nodeAddressMap, address)),
    )
    const shards = await askInTurn(
      turned([...roots, ...others]),
      async (node, server) => knownShards(await node.send('CLUSTER', ['SLOTS']), server),
      { create, signal },
    )
    known = shards.map(({ master }) => master)
    return shards
  }

  const open: OpenNode = (address, connecting) =>
    connectTo(create, options.defaults, mapped(options.nodeAddressMap, address), connecting)

  return async (connecting) => {
    const shards = await discover(connecting.signal)
    return new ClusterConnection({ shards, discover, open, connecting })
  }
}

type OpenNode = (address: Address, connecting: ConnectOptions) => Promise<Connection>

class ClusterConnection implements Connection {
  readonly #nodes = new Map<string, ClusterNode>()
  /** Those that were lost. They stay until it is time to look for another. */
  readonly #gone = new Set<string>()
  readonly #discover: (signal: AbortSignal) => Promise<readonly Shard[]>
  readonly #open: OpenNode
  readonly #connecting: ConnectOptions
  #shards: readonly Shard[]
  #lookedAt = Number.NEGATIVE_INFINITY
  #mustLook = false
  #looking: Promise<void> | undefined
  #mayBeCutOff = false

  constructor(options: {
    readonly shards: readonly Shard[]
    readonly discover: (signal: AbortSignal) => Promise<readonly Shard[]>
    readonly open: OpenNode
    readonly connecting: ConnectOptions
  }) {
    this.#shards = options.shards
    this.#discover = options.discover
    this.#open = options.open
    this.#connecting = options.connecting
  }

  async send(command: string, args: CommandArguments): Promise<unknown> {
    const [reply] = await this.pipeline([[command, ...args]])
    if (reply === undefined) throw new Error('no answer')
    if (reply[0] !== null) throw reply[0]
    return reply[1]
  }

  /** All by the key of the first, and again only where that one was not carried out. */
  async pipeline(commands: readonly (readonly unknown[])[]): Promise<Replies> {
    const [[command, ...args] = []] = commands
    const slot = slotOf(firstKey(String(command), args) ?? '')
    let node = await this.#masterOf(slot)
    let asking = false
    for (let attempt = 0; ; attempt += 1) {
      const replies: Replies = await node.pipeline(asking ? [['ASKING'], ...commands] : commands)
      if (asking) replies.shift()
      const [[error] = [null]] = replies
      const redirection: string[] = attempt < MAX_REDIRECTIONS ? messageOf(error).split(' ') : []
      asking = redirection[0] === 'ASK'
      if (asking) {
        node = this.#nodeAt(addressIn(redirection[2]))
      } else if (redirection[0] === 'MOVED') {
        await this.#look()
        // The node that says so knows better than one that has not heard of it yet.
        node = this.#nodeAt(addressIn(redirection[2]))
      } else if (redirection[0] === 'TRYAGAIN') {
        await pause(TRY_AGAIN_MS)
      } else if (redirection[0] === 'CLUSTERDOWN' && this.#mayLook()) {
        // A node that was reset knows of nobody, while another may have taken its place.
        await this.#look()
        node = await this.#masterOf(slot)
      } else {
        return replies
      }
    }
  }

  #mayLook(): boolean {
    return systemTimer.now() - this.#lookedAt >= LOOK_AGAIN_MS
  }

  /** Once for all who are sent elsewhere at once: each look may open connections. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookAround().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #lookAround(): Promise<void> {
    this.#lookedAt = systemTimer.now()
    this.#mustLook = false
    for (const name of this.#gone) this.#nodes.delete(name)
    this.#gone.clear()
    const told = this.#mayBeCutOff ? undefined : await this.#askAny()
    // Cut off from the others, a node says for ever what it knew: in the next look, others are asked.
    this.#mayBeCutOff = told !== undefined && isDeepStrictEqual(told, this.#shards)
    this.#shards = told ?? (await this.#discover(this.#connecting.signal))
  }

  /** A new connection takes a busy process longer than it may take. Any node, since one may be wrong. */
  async #askAny(): Promise<readonly Shard[] | undefined> {
    const nodes = [...this.#nodes]
    if (nodes.length === 0) return undefined
    const [name, node] = nodes[randomInt(nodes.length)]!
    try {
      const asked = node.pipeline([['CLUSTER', 'SLOTS']])
      const [[error, reply] = [null]] = await withDeadline(asked, ANSWER_MS, systemTimer)
      const { host } = addressIn(name)
      return error === null ? knownShards(reply, { socket: { host } }) : undefined
    } catch {
      return undefined
    }
  }

  /** An answer did not come, or was one of a wrong node. */
  reset(): void {
    this.#mustLook = true
    for (const node of this.#nodes.values()) node.dropIfSilent()
  }

  async #masterOf(slot: number): Promise<ClusterNode> {
    const isGone = this.#gone.has(nameOf(this.#shardOf(slot).master))
    if ((isGone || this.#mustLook) && this.#mayLook()) await this.#look()
    return this.#nodeAt(this.#shardOf(slot).master)
  }

  #shardOf(slot: number): Shard {
    // Where none has the slot, any will say why.
    return this.#shards.find(({ from, to }) => from <= slot && slot <= to) ?? this.#shards[0]!
  }

  #nodeAt(address: Address): ClusterNode {
    const name = nameOf(address)
    const known = this.#nodes.get(name)
    if (known !== undefined) return known
    const node = new ClusterNode((connecting) => this.#open(address, connecting), {
      signal: this.#connecting.signal,
      lost: (error) => this.#lost(name, node, error),
    })
    this.#nodes.set(name, node)
    return node
  }

  /** The other shards serve on. */
  #lost(name: string, node: ClusterNode, error: unknown): void {
    if (this.#nodes.get(name) !== node) return
    this.#gone.add(name)
    if (this.#gone.size === this.#nodes.size) this.#connecting.lost(error)
  }
}

function nameOf({ host, port }: Address): string {
  return `${host}:${port}`
}

function addressIn(text: string | undefined): Address {
  const colon = text?.lastIndexOf(':') ?? -1
  if (text === undefined || colon < 0) throw new Error('a node redirected oddly')
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) }
}

/** From any of them on: the first one may be wrong, and answer all the same. */
function turned<T>(servers: readonly T[]): readonly T[] {
  const start = randomInt(Math.max(servers.length, 1))
  return [...servers.slice(start), ...servers.slice(0, start)]
}

function withDefaults(defaults: unknown, root: unknown): Record<string, unknown> {
  const [common, own] = [defaults, root].map((options) => (isRecord(options) ? options : {}))
  const [commonSocket, ownSocket] = [common, own].map((options) =>
    isRecord(options?.['socket']) ? options['socket'] : {},
  )
  return { ...common, ...own, socket: { ...commonSocket, ...ownSocket } }
}
