import { isRevoked } from '../../facts.js'
import { REFUSED_BY_LIFETIME } from '../../lifetimes.js'
import type { RevocationValue } from '../../revocations.js'
import type { RevocationQuery, RevocationVerdict } from '../../store.js'
import { Watchers } from '../../watchers.js'
import { knownVerdict } from '../schema/floor.js'
import type { BeatProof, Lineage } from '../schema/lineage.js'
import { createLogReader, type LogEntry, type LogListener, type LogReader } from './log-reader.js'
import type { Settings } from '../schema/options.js'
import { createProofs, type Applied } from './proofs.js'
import { createFactLookup } from './fact-lookup.js'
import { createTable, TableFull } from './table.js'

/**
 * All revocations in the memory of this process, and the proof that none confirmed longer than
 * `stalenessBoundMs` ago is missing.
 *
 * The proof: the sequence grows in the same atomic script that appends to the log. A beat sent at
 * t0 brought the sequence S; once everything up to S is applied, every revocation confirmed before
 * t0 is in the table, since it ran before that beat and so has a number of at most S. No delivery is
 * trusted, and no two clocks are compared: lost messages, dead connections and slow consumers all
 * show up as S > applied.
 */
export interface Replica {
  /** Undefined while nothing is proven: then ask Redis. */
  check(query: RevocationQuery): RevocationVerdict | undefined
  readonly fresh: boolean
  /** A beat has found these data. */
  beat(proof: BeatProof): void
  /** Revocations were lost: proofs no longer hold. */
  distrust(): void
  /** Our own revocation, known before the log tells of it. */
  apply(name: string, value: RevocationValue, until: number): void
  readonly detail: string
  /** Calls back when something was revoked. @returns what ends it. */
  watch(changed: () => void): () => void
  close(): void
}

/** Behind for so long without a new entry, something is wrong with the connection or the log. */
const PATIENCE_MS = 2000
/** Entries outlive their time by so much here: a clock that was wrong may be set back. */
const CLOCK_JUMP_SECONDS = 3600

export function createReplica(settings: Settings): Replica {
  const { keys, timer, stalenessBoundMs, maxReplicaEntries } = settings
  const { tolerances } = settings.lifetimes
  const forgetBefore = (): number => settings.clock() - CLOCK_JUMP_SECONDS
  let table = createTable(maxReplicaEntries, forgetBefore)
  let facts = createFactLookup(keys, table, tolerances)
  let reader: LogReader | undefined
  let lineage: Lineage | undefined
  /** All entries up to this one are applied. */
  let applied: Applied | undefined
  const proofs = createProofs(timer, stalenessBoundMs)
  const watchers = new Watchers()
  let progressAt = Number.NEGATIVE_INFINITY
  let stalls = 0
  let overflow: string | undefined

  const listener: LogListener = {
    started() {
      applied = undefined
    },
    entries(entries, last) {
      let sequence = applied?.sequence
      for (const entry of entries) sequence = take(entry, sequence)
      applied = { sequence: sequence ?? 0, id: last }
      progressAt = timer.now()
      stalls = 0
      prove()
    },
  }

  /** Before the first entry of a log are only entries that have had their time. */
  function take({ sequence, name, value, until }: LogEntry, before: number | undefined): number {
    const next = before === undefined ? sequence : Math.max(before, lineage?.start ?? 0) + 1
    if (sequence > next) throw new Error(`entry ${next} of the log is missing`)
    apply(name, value, until)
    return Math.max(before ?? 0, sequence)
  }

  function apply(name: string, value: RevocationValue, until: number): void {
    if (overflow !== undefined || until <= forgetBefore()) return
    try {
      facts.merge(name, value, until)
      watchers.tell()
    } catch (error) {
      if (!(error instanceof TableFull)) throw error
      // Without some entries it would be worth nothing, and so it takes no memory.
      overflow = error.message
      table = createTable(maxReplicaEntries, forgetBefore)
      facts = createFactLookup(keys, table, tolerances)
      proofs.forget()
    }
  }

  /** A table that lacks entries proves nothing. */
  function prove(): void {
    if (overflow === undefined) proofs.prove(applied)
  }

  /** A reader that stands still while entries wait for it. */
  function unstick(): void {
    if (timer.now() - progressAt <= PATIENCE_MS) return
    progressAt = timer.now()
    stalls += 1
    if (stalls > 1) reader?.restart()
    else reader?.reconnect()
  }

  return {
    check(query) {
      if (!proofs.fresh) return undefined
      const places = facts.placesOf(query)
      const now = settings.clock()
      if (settings.lifetimes.exceeds(places, now)) return REFUSED_BY_LIFETIME
      return knownVerdict(isRevoked(places, facts.at(places, lineage?.floor)), places, lineage, now)
    },
    get fresh() {
      return proofs.fresh
    },
    beat(proof) {
      const before = lineage
      lineage = proof.position.lineage
      if (before === undefined) {
        progressAt = timer.now()
        reader = createLogReader(settings.opener, keys, timer, listener)
      } else if (before.record !== lineage.record) {
        // The log of a restored backup may go on below the entry that was read last.
        proofs.forget()
        reader?.restart()
        // It may have a floor.
        watchers.tell()
      }
      proofs.add(proof)
      prove()
      if (proofs.waiting && overflow === undefined) unstick()
    },
    distrust: () => proofs.forget(),
    apply,
    get detail() {
      if (overflow !== undefined) return `${overflow}; Redis is asked instead`
      if (proofs.fresh) return `${table.size} entries`
      const trouble = reader?.trouble === undefined ? '' : `: ${reader.trouble}`
      return `read the log up to ${applied?.sequence ?? 'nothing'}${trouble}`
    },
    watch: (changed) => watchers.add(changed),
    close: () => reader?.close(),
  }
}
