import { DeadlineExceeded, withDeadline } from '../../../core/deadline.js'
import type { RevocationUnavailable } from '../../store.js'
import type { RedisClient } from '../../../redis/client.js'
import {
  examine,
  laterOf,
  type Observation,
  type Position,
  type WholeData,
  type BeatProof,
} from '../schema/lineage.js'
import { createLink, type Link } from '../../../redis/link.js'
import type { Settings } from '../schema/options.js'
import { faultOf } from '../../../redis/errors.js'
import { unavailable as newUnavailable } from '../schema/unavailable.js'
import { createVerifier } from './integrity.js'
import { createWaiters } from '../../../redis/waiters.js'

/**
 * down: no connection, or no answer. verifying: connected, and nothing of it proven yet. ready.
 * stale: the last proof is too old. lost: data were lost, and nobody has decided what that means.
 * refused: it will not get better by itself.
 */
export type HealthState = 'down' | 'verifying' | 'ready' | 'stale' | 'lost' | 'refused' | 'closed'

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
   * Rejects where checks cannot be answered. A store that was never ready has until the start deadline:
   * the first request of a process is served, although the connection is only under way.
   */
  started(): Promise<void>
  close(): void
}

const CONNECT_PATIENCE_MS = 1000
/** From the construction of a store on. */
const START_DEADLINE_MS = 2000

export function createHealth(settings: Settings, listener: HealthListener): Health {
  const { timer, stalenessBoundMs } = settings
  const beatMs = stalenessBoundMs / 4
  const beatDeadlineMs = Math.max(settings.deadlineMs, beatMs)
  const verifier = createVerifier(settings)
  const waiters = createWaiters()
  let state: HealthState = 'down'
  let detail: string | undefined = 'not connected yet'
  let position: Position | undefined
  let freshAsOf = Number.NEGATIVE_INFINITY
  let beating: Promise<void> | undefined
  let cancelNext: (() => void) | undefined
  let lossAccepted = false
  /** The last beat failed although there was a connection. */
  let doubted = false
  /** The last state that was told of. */
  let told: HealthState | undefined
  let toldWhy: string | undefined
  let cause: unknown
  const startedAt = timer.now()

  const link: Link = createLink(settings.opener, timer, {
    up() {
      verifier.reconnected()
      // A server that takes connections and answers badly is no better for each new one.
      if (!doubted) enter('verifying', 'connected, but nothing is proven yet')
      void beat()
    },
    down: () => failed(link.trouble),
  })

  function enter(next: HealthState, why?: string, error?: unknown): void {
    if (state === 'closed') return
    state = next
    detail = why
    cause = error
    // A store that is ready has a reason only where something about it is amiss.
    if (next !== told || (next === 'ready' && why !== toldWhy)) {
      told = next
      toldWhy = why
      listener.onState(next, why)
    }
    if (next === 'ready') waiters.resolve()
    if (isFinal()) waiters.reject(unavailable())
  }

  /** Whether it stays so until a person acts. A loss passes by itself where it leads to a floor. */
  function isFinal(): boolean {
    return (
      state === 'refused' ||
      state === 'closed' ||
      (state === 'lost' && settings.onDataLoss === 'refuse')
    )
  }

  function unavailable(): RevocationUnavailable {
    const why = detail === undefined ? '' : `: ${detail}`
    return newUnavailable(`The revocation store is ${currentState()}${why}`, cause)
  }

  function ready(): Promise<void> {
    if (state === 'ready') return Promise.resolve()
    return isFinal() ? Promise.reject(unavailable()) : waiters.wait()
  }

  async function started(): Promise<void> {
    const left = startedAt + START_DEADLINE_MS - timer.now()
    if (position !== undefined || left <= 0) throw unavailable()
    await withDeadline(ready(), left, timer).catch(() => {
      throw unavailable()
    })
  }

  function isStale(): boolean {
    return timer.now() - freshAsOf > stalenessBoundMs
  }

  function currentState(): HealthState {
    return state === 'ready' && isStale() ? 'stale' : state
  }

  function beat(): Promise<void> {
    if (state === 'closed') return Promise.resolve()
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
      findMissing()
      return
    }
    try {
      await withDeadline(verify(client), beatDeadlineMs, timer)
    } catch (error) {
      doubted = true
      failed(error)
    }
  }

  /** A connection that is only under way is no outage yet; not every one that hangs gives a sign. */
  function findMissing(): void {
    const overdue = timer.now() - startedAt > CONNECT_PATIENCE_MS
    if (link.trouble !== undefined) failed(link.trouble)
    else if (overdue) failed(new Error(`no connection within ${CONNECT_PATIENCE_MS} ms`))
    link.reset()
  }

  function failed(error: unknown): void {
    const fault = faultOf(error)
    enter(fault.permanent ? 'refused' : 'down', fault.detail, error)
    if (fault.reconnect || error instanceof DeadlineExceeded) link.reset()
  }

  async function verify(client: RedisClient): Promise<void> {
    const result = await verifier.verify(client, position, lossAccepted)
    // The connection may have gone while the answer lay in the socket.
    if (link.client !== client) return
    doubted = false
    if (result.kind !== 'proven') {
      enter(result.kind, result.detail)
      return
    }
    if (result.lost !== undefined) enter('lost', result.lost)
    position = laterOf(position, result.position)
    freshAsOf = result.sentAt
    listener.onBeat(result)
    enter('ready', result.undurable)
  }

  // Later than this call, so that a listener can be attached to what it returns.
  setImmediate(() => void beat())

  return {
    get client() {
      return link.client
    },
    get position() {
      return position
    },
    get state() {
      return currentState()
    },
    get detail() {
      return detail
    },
    isFresh: () => currentState() === 'ready',
    beat,
    examine(sentWith, seen) {
      const finding = examine(sentWith, seen)
      if (finding.kind === 'intact' || finding.kind === 'replaced') {
        position = laterOf(position, finding.position)
        return finding
      }
      const unreadable = finding.kind === 'unreadable' ? finding.detail : undefined
      const why = unreadable ?? 'a check found other data than those known'
      if (state === 'ready') enter('verifying', why)
      void beat()
      return undefined
    },
    advance(next) {
      position = laterOf(position, next)
    },
    async acceptDataLoss() {
      await beating
      lossAccepted = true
      await beat()
      lossAccepted = false
      if (currentState() !== 'ready') throw unavailable()
    },
    unavailable,
    ready,
    started,
    close() {
      enter('closed', 'it was closed')
      cancelNext?.()
      link.close()
    },
  }
}
