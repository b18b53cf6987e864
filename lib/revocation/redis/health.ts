import type { Timer } from '../../core/clock.js'
import { DeadlineExceeded, withDeadline } from '../../core/deadline.js'
import { messageOf } from '../../core/values.js'
import { RevocationUnavailable } from '../store.js'
import type { RedisClient } from './client.js'
import { examine, type Finding, type Observation, type Position } from './lineage.js'
import { createLink, type Link } from './link.js'
import type { Beat, Probe, ServerFacts } from './probe.js'
import { faultOf } from './redis-errors.js'
import type { ClientOpener } from './client.js'

/**
 * down: no connection, or no answer. verifying: connected, and nothing of it proven yet. ready.
 * stale: the last proof is too old. lost: data were lost, and nobody has decided what that means.
 * refused: it will not get better by itself.
 */
export type HealthState = 'down' | 'verifying' | 'ready' | 'stale' | 'lost' | 'refused' | 'closed'

export interface HealthOptions {
  readonly opener: ClientOpener
  readonly probe: Probe
  readonly timer: Timer
  readonly deadlineMs: number
  readonly stalenessBoundMs: number
  /** How long entries stay in the log. */
  readonly retentionMs: number
  readonly onDataLoss: 'floor' | 'refuse'
  readonly onEmpty: 'floor' | 'initialize' | 'refuse'
  readonly onEviction: 'refuse' | 'warn'
}

/**
 * Knows whether what Redis answers may be believed. It is the circuit breaker too: only its beats
 * ask a Redis in doubt, so that user traffic is answered at once while there is nobody to ask.
 */
export interface Health {
  readonly client: RedisClient | undefined
  /** What is known of the data, whatever the state. */
  readonly position: Position | undefined
  readonly state: HealthState
  /** True when a check sent now may be believed. */
  isFresh(): boolean
  /** Beats now, or joins the beat under way. Never rejects. */
  beat(): Promise<void>
  /**
   * Takes note of what a check has read. Returns what the answer may be judged by, or undefined
   * where it must not be believed.
   */
  examine(sentWith: Position, seen: Observation): Position | undefined
  /** A revocation of ours is stored, so a store without it has lost it. */
  advance(position: Position): void
  /** A check was not answered in time: find out now, not at the next beat. */
  suspect(): void
  unavailable(): RevocationUnavailable
  ready(): Promise<void>
  readonly detail: string | undefined
  close(): void
}

const INSPECT_INTERVAL_MS = 10_000
const TRANSITIONS_PER_BEAT = 3

export function createHealth(options: HealthOptions): Health {
  const { probe, timer, stalenessBoundMs } = options
  const beatMs = stalenessBoundMs / 4
  const beatDeadlineMs = Math.max(options.deadlineMs, beatMs)
  let state: HealthState = 'down'
  let detail: string | undefined
  let position: Position | undefined
  let freshAsOf = Number.NEGATIVE_INFINITY
  let inspectedAt = Number.NEGATIVE_INFINITY
  let server: ServerFacts | undefined
  let beating: Promise<void> | undefined
  let cancelNext: (() => void) | undefined
  let warnedOfEviction = false
  const waiting = new Set<{ resolve: () => void; reject: (error: Error) => void }>()

  const link: Link = createLink(options.opener, timer, {
    up() {
      if (state === 'closed') return
      inspectedAt = Number.NEGATIVE_INFINITY
      enter('verifying', 'connected, not verified yet')
      void beat()
    },
    down() {
      enter('down', messageOf(link.trouble))
    },
  })

  function enter(next: HealthState, why?: string): void {
    if (state === 'closed') return
    state = next
    detail = why
    if (next === 'ready') settleWaiting(({ resolve }) => resolve())
    if (next === 'refused' || next === 'lost' || next === 'closed') {
      settleWaiting(({ reject }) => reject(unavailable()))
    }
  }

  function settleWaiting(
    each: (waiter: { resolve: () => void; reject: (error: Error) => void }) => void,
  ): void {
    for (const waiter of waiting) each(waiter)
    waiting.clear()
  }

  function unavailable(): RevocationUnavailable {
    return new RevocationUnavailable(
      `The revocation store is ${state}${detail === undefined ? '' : `: ${detail}`}`,
    )
  }

  function beat(): Promise<void> {
    beating ??= attempt().finally(() => {
      beating = undefined
      cancelNext?.()
      if (state !== 'closed') cancelNext = timer.after(beatMs, () => void beat())
    })
    return beating
  }

  async function attempt(): Promise<void> {
    const { client } = link
    if (client === undefined) {
      if (state !== 'closed') enter('down', messageOf(link.trouble))
      link.reset()
      return
    }
    try {
      await withDeadline(verify(client), beatDeadlineMs, timer)
    } catch (error) {
      failed(error)
    }
  }

  function failed(error: unknown): void {
    const fault = faultOf(error)
    if (fault.permanent) enter('refused', fault.detail)
    else enter('down', fault.detail)
    if (fault.reconnect || error instanceof DeadlineExceeded) link.reset()
  }

  async function verify(client: RedisClient): Promise<void> {
    if (!(await passesInspection(client))) return
    for (let turn = 0; turn < TRANSITIONS_PER_BEAT; turn += 1) {
      const sentAt = timer.now()
      const known = position
      const seen = await probe.beat(client, known?.witness)
      // The connection may have gone while the answer lay in the socket.
      if (link.client !== client) return
      if (!(await settle(client, known, seen, sentAt))) return
    }
  }

  /** True where the data have just been changed, and must be looked at again. */
  async function settle(
    client: RedisClient,
    known: Position | undefined,
    seen: Beat,
    sentAt: number,
  ): Promise<boolean> {
    const finding = examine(known, seen)
    switch (finding.kind) {
      case 'intact':
      case 'succeeded':
        position = latest(position, { ...finding.position, witness: witnessOf(seen) })
        freshAsOf = sentAt
        enter('ready')
        return false
      case 'unreadable':
        enter('refused', finding.detail)
        return false
      case 'empty':
        if (options.onEmpty === 'refuse') {
          enter('refused', 'Redis is empty and "onEmpty" is \'refuse\'')
          return false
        }
        await probe.adopt(client, undefined, options.onEmpty === 'floor', undefined)
        return true
      case 'lost':
        return replaceLost(client, known, seen, finding)
    }
  }

  async function replaceLost(
    client: RedisClient,
    known: Position | undefined,
    seen: Observation,
    finding: Finding & { kind: 'lost' },
  ): Promise<boolean> {
    enter('lost', `revocations were lost: ${finding.detail}`)
    if (options.onDataLoss === 'refuse') return false
    await probe.adopt(client, seen.lineage, true, known)
    return true
  }

  /** Far from the end of its time in the log, so that it cannot have been trimmed. */
  function witnessOf({ lastEntry, serverTimeMs }: Beat): string | undefined {
    if (lastEntry === undefined) return undefined
    const ageMs = serverTimeMs - Number(lastEntry.split('-')[0])
    return ageMs < options.retentionMs / 2 ? lastEntry : undefined
  }

  async function passesInspection(client: RedisClient): Promise<boolean> {
    const due = timer.now() - inspectedAt >= INSPECT_INTERVAL_MS || state === 'refused'
    if (!due) return true
    const before = server
    server = await probe.inspect(client)
    inspectedAt = timer.now()
    const eviction = evictionIn(server)
    if (eviction === undefined) return dealWithEvicted(client, before, server)
    if (options.onEviction === 'refuse') {
      enter('refused', eviction)
      return false
    }
    if (!warnedOfEviction) {
      warnedOfEviction = true
      process.emitWarning(`redisRevocationStore: ${eviction}`, { code: 'ERS_REDIS_EVICTION' })
    }
    return true
  }

  /** Keys were evicted while the policy was another one for a moment. */
  async function dealWithEvicted(
    client: RedisClient,
    before: ServerFacts | undefined,
    now: ServerFacts,
  ): Promise<boolean> {
    const evicted = before?.runId === now.runId ? now.evictedKeys - before.evictedKeys : 0
    if (evicted <= 0 || options.onEviction === 'warn') return true
    enter('lost', `revocations may be lost: Redis has evicted ${evicted} keys`)
    if (options.onDataLoss === 'refuse') {
      server = before
      return false
    }
    if (position !== undefined) {
      await probe.adopt(client, position.lineage.record, true, position)
    }
    return true
  }

  void Promise.resolve().then(beat)

  return {
    get client() {
      return link.client
    },
    get position() {
      return position
    },
    get state() {
      return state === 'ready' && isStale() ? 'stale' : state
    },
    get detail() {
      return detail
    },
    isFresh: () => state === 'ready' && !isStale(),
    beat,
    examine(sentWith, seen) {
      const finding = examine(sentWith, seen)
      if (finding.kind === 'intact' || finding.kind === 'succeeded') {
        position = latest(position, finding.position)
        return finding.position
      }
      if (state === 'ready') enter('verifying', 'a check found other data than those known')
      void beat()
      return undefined
    },
    advance(next) {
      position = latest(position, next)
    },
    suspect() {
      void beat()
    },
    unavailable,
    ready() {
      if (state === 'ready') return Promise.resolve()
      if (state === 'refused' || state === 'lost' || state === 'closed') {
        return Promise.reject(unavailable())
      }
      return new Promise((resolve, reject) => void waiting.add({ resolve, reject }))
    },
    close() {
      enter('closed')
      cancelNext?.()
      link.close()
    },
  }

  function isStale(): boolean {
    return timer.now() - freshAsOf > stalenessBoundMs
  }
}

/** Of two positions the one further on, with what is known of its log. */
function latest(a: Position | undefined, b: Position): Position {
  if (a === undefined || b.lineage.generation > a.lineage.generation) return b
  if (b.lineage.generation < a.lineage.generation || b.sequence < a.sequence) return a
  if (b.sequence === a.sequence) return { ...b, witness: b.witness ?? a.witness }
  return b
}

function evictionIn({ evicts, policy }: ServerFacts): string | undefined {
  return evicts
    ? `Redis may evict revocations: maxmemory-policy is ${policy}. Set it to noeviction, or maxmemory to 0`
    : undefined
}
