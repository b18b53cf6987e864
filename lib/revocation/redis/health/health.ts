import { withDeadline } from '../../../core/deadline.js'
import type { RedisClient } from '../../../redis/source/client.js'
import { faultOf } from '../../../redis/errors.js'
import { holdingProcess } from '../../../redis/asking/holding-process.js'
import { createLink, type Link } from '../../../redis/asking/link.js'
import type { RevocationUnavailable } from '../../store.js'
import {
  examine,
  laterOf,
  type BeatProof,
  type Finding,
  type Observation,
  type Position,
  type WholeData,
} from '../schema/lineage.js'
import type { Settings } from '../schema/options.js'
import { createCondition } from './condition.js'
import { createIntegrityCheck } from './integrity.js'
import { createPulse } from './pulse.js'
import type { HealthState } from './transitions.js'

export interface HealthListener {
  /** Told of every beat that found the data whole. */
  readonly onBeat: (proof: BeatProof) => void
  /** Told of every change of state. */
  readonly onState: (state: HealthState, detail: string | undefined) => void
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
  readonly detail: string | undefined
  /** True when a check sent now may be believed. */
  isFresh(): boolean
  /** Beats now, or joins the beat under way. Never rejects. */
  beat(): Promise<void>
  /**
   * Takes note of what a check has read. Returns what the answer may be judged by, or undefined
   * where it must not be believed.
   */
  examine(sentWith: Position, seen: Observation): WholeData | undefined
  /** A revocation of ours is stored, so data without it are data that lost it. */
  advance(position: Position): void
  /** A person has decided that what is lost is lost: sets a floor, whatever the options say. */
  acceptDataLoss(): Promise<void>
  unavailable(): RevocationUnavailable
  ready(): Promise<void>
  /**
   * Rejects where nothing can be asked. A store that was never ready has until the start deadline:
   * the first request of a process is served, although the connection is only under way.
   */
  started(): Promise<void>
  close(): void
}

const CONNECT_PATIENCE_MS = 1000

export function createHealth(settings: Settings, listener: HealthListener): Health {
  const { timer, stalenessBoundMs } = settings
  const beatMs = stalenessBoundMs / 4
  const beatDeadlineMs = Math.max(settings.deadlineMs, beatMs)
  const integrity = createIntegrityCheck(settings)
  const condition = createCondition(settings, listener.onState)
  const pulse = createPulse(attempt, beatMs, timer)
  const startedAt = timer.now()
  let position: Position | undefined
  let lossAccepted = false

  const link: Link = createLink(settings.opener, timer, {
    up() {
      integrity.reconnected()
      condition.take({ kind: 'connected' })
      void pulse.beat()
    },
    down: () => failed(link.trouble, false),
  })

  async function attempt(): Promise<void> {
    const { client } = link
    if (client === undefined) {
      const trouble = link.trouble ?? overdue(timer.now() - startedAt)
      if (trouble !== undefined) failed(trouble, false)
      link.reset()
      return
    }
    try {
      await withDeadline(verify(client), beatDeadlineMs, timer)
    } catch (error) {
      failed(error, true)
    }
  }

  function failed(cause: unknown, beat: boolean): void {
    const { detail, permanent, reconnect } = faultOf(cause)
    condition.take({ kind: 'failed', detail, permanent, beat, cause })
    if (reconnect) link.reset()
  }

  async function verify(client: RedisClient): Promise<void> {
    const result = await integrity.run(client, position, lossAccepted)
    // The connection may have gone while the answer lay in the socket.
    if (link.client !== client) return
    if (result.kind !== 'proven') {
      condition.take(result)
      return
    }
    if (result.lost !== undefined) condition.take({ kind: 'lost', detail: result.lost })
    position = laterOf(position, result.position)
    condition.provenAsOf(result.sentAt)
    listener.onBeat(result)
    condition.take({ kind: 'proven', detail: result.undurable })
  }

  // Later than this call, so that a listener can be attached to what it returns.
  setImmediate(() => void pulse.beat())

  return {
    get client() {
      return link.client
    },
    get position() {
      return position
    },
    get state() {
      return condition.state
    },
    get detail() {
      return condition.detail
    },
    isFresh: () => condition.state === 'ready',
    beat: () => pulse.beat(),
    examine(sentWith, seen) {
      const finding = examine(sentWith, seen)
      if (finding.kind === 'intact' || finding.kind === 'replaced') {
        position = laterOf(position, finding.position)
        return finding
      }
      condition.take({ kind: 'contradicted', detail: contradictionBy(finding) })
      void pulse.beat()
      return undefined
    },
    advance(next) {
      position = laterOf(position, next)
    },
    async acceptDataLoss() {
      await pulse.settled()
      lossAccepted = true
      await pulse.beat()
      lossAccepted = false
      if (condition.state !== 'ready') throw condition.unavailable()
    },
    unavailable: () => condition.unavailable(),
    ready: () => holdingProcess(condition.ready()),
    async started() {
      if (position !== undefined) throw condition.unavailable()
      await holdingProcess(condition.started())
    },
    close() {
      condition.take({ kind: 'closed' })
      pulse.stop()
      link.close()
    },
  }
}

/** A connection that is only under way is no outage yet; not every one that hangs gives a sign. */
function overdue(waitedMs: number): Error | undefined {
  if (waitedMs <= CONNECT_PATIENCE_MS) return undefined
  return new Error(`no connection within ${CONNECT_PATIENCE_MS} ms`)
}

function contradictionBy(finding: Finding): string {
  return finding.kind === 'unreadable'
    ? finding.detail
    : 'a check found other data than those known'
}
