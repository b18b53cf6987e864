import { withDeadline } from '../../core/deadline.js'
import { RevocationUnavailable } from '../store.js'
import type { RedisClient } from '../../redis/source/client.js'
import { createDurability } from './durability.js'
import type { Health } from './health/health.js'
import { createLink } from '../../redis/asking/link.js'
import type { Position } from './schema/lineage.js'
import type { Settings } from './schema/options.js'
import type { Stored } from '../revocations.js'
import { ENTRIES_PER_SUBJECT } from '../share.js'
import type { StoredEntry } from './schema/records.js'
import { faultOf } from '../../redis/errors.js'
import { REVOKE } from './schema/revoke-script.js'
import type { ScriptArgument } from '../../redis/scripts.js'
import { unavailable } from './schema/unavailable.js'
import { createWaiters } from '../../redis/asking/waiters.js'

/** Stores revocations over a connection of its own: WAIT blocks, and checks must not wait behind it. */
export interface Writer {
  /** Resolves once the revocation is durable. */
  store(entry: StoredEntry): Promise<Stored>
  close(): void
}

export function createWriter(settings: Settings, health: Health): Writer {
  const { keys, clock, timer, revokeDeadlineMs } = settings
  const durability = createDurability(settings)
  const connected = createWaiters()
  const link = createLink(settings.opener, timer, {
    up: () => connected.resolve(),
    down: () => undefined,
  })

  async function store(entry: StoredEntry): Promise<Stored> {
    // The first of a process waits for the first connection, as checks do.
    if (health.position === undefined) await health.started()
    try {
      // An answer that comes too late may come from a master that was replaced meanwhile: no receipt.
      return await withDeadline(attempt(entry), revokeDeadlineMs, timer)
    } catch (error) {
      if (error instanceof RevocationUnavailable) throw error
      const { detail, reconnect } = faultOf(error)
      // An error that Redis answers with says nothing against the connection, and others wait on it.
      if (reconnect) link.reset()
      throw notStored(detail, error)
    }
  }

  async function attempt(entry: StoredEntry): Promise<Stored> {
    const first = await send(entry)
    if (first !== undefined) return first
    // Another process may have begun a new lineage a moment ago.
    await health.beat()
    const second = await send(entry)
    if (second !== undefined) return second
    throw notStored('the data in Redis are not those that were there before')
  }

  /** Undefined where the data are not those that are known. */
  async function send(entry: StoredEntry): Promise<Stored | undefined> {
    const { position } = health
    const client = link.client ?? (await connecting())
    if (position === undefined || health.state === 'refused') throw health.unavailable()
    if (client === undefined) throw notStored(whyNotConnected(), link.trouble)
    const [reply, proof] = await execute(client, commandsFor(entry, position))
    const answer = (Array.isArray(reply) ? reply : []) as readonly unknown[]
    const [outcome, , entryId, asMark] = answer
    if (outcome === 'changed') return undefined
    if (outcome !== 'stored') throw notStored('Redis holds a record that this version cannot read')
    const sequence = Number(answer[1])
    // What changed nothing is not in the log.
    const witness = entryId === '' ? undefined : String(entryId)
    health.advance({ lineage: position.lineage, sequence, witness })
    const shortfall = durability.shortfall(proof)
    if (shortfall !== undefined) throw notStored(shortfall)
    return { sequence, asMark: asMark === 1 }
  }

  /** Where checks are answered, the connection for revocations is about to come. */
  async function connecting(): Promise<RedisClient | undefined> {
    const { trouble } = link
    const hopeless = trouble !== undefined && faultOf(trouble).permanent
    if (health.isFresh() && !hopeless) await connected.wait()
    return link.client
  }

  function whyNotConnected(): string {
    return link.trouble === undefined ? 'not connected' : faultOf(link.trouble).detail
  }

  function commandsFor(entry: StoredEntry, position: Position): unknown[][] {
    const { share } = entry
    const keysOf = ({ key, name }: StoredEntry): string[] => [key, keys.beside(name)]
    const marked = share === undefined ? [] : [share.counter, ...keysOf(share.mark)]
    const control = [keys.lineage, keys.sequence, keys.log, keys.retiredKinds]
    const all = [...control, ...keysOf(entry), ...marked]
    const revoke = [
      'eval',
      REVOKE.lua,
      all.length,
      ...all,
      position.lineage.record,
      position.sequence,
      Math.floor(clock() * 1000),
      settings.retentionMs,
      ...argumentsOf(entry),
      ...(share === undefined
        ? []
        : [ENTRIES_PER_SUBJECT, Math.ceil(share.windowSeconds * 1000), ...argumentsOf(share.mark)]),
    ]
    return [revoke, ...durability.commands]
  }

  return { store, close: () => link.close() }
}

function argumentsOf(entry: StoredEntry): readonly ScriptArgument[] {
  const { format, record, name, until, keptUntil } = entry
  return [format, record, name, Math.ceil(until * 1000), Math.ceil(keptUntil * 1000)]
}

/** In one pipeline, because WAIT and WAITAOF speak of the writes of their own connection, on a Cluster of its node. */
async function execute(client: RedisClient, commands: unknown[][]): Promise<readonly unknown[]> {
  const replies = await client.pipeline(commands).exec()
  return (replies ?? []).map(([error, value]) => {
    if (error !== null) throw error
    return value
  })
}

function notStored(detail: string, cause?: unknown): RevocationUnavailable {
  return unavailable(`The revocation was not stored: ${detail}`, cause)
}
