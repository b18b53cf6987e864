/**
 * An unbroken run of data in Redis. Its record is the proof that absent keys are absent because
 * nothing was revoked, and not because they were lost.
 */
export interface Lineage {
  /** The record as stored; two lineages are the same when these are equal. */
  readonly record: string
  /** Milliseconds since the epoch at creation, but always above the lineage before. */
  readonly generation: number
  /** Tokens issued up to this second may have been revoked in data that are lost. */
  readonly floor: number | undefined
  /** Sequence at creation. */
  readonly start: number
  /** How many entries the log had ever had at creation; undefined where the server does not count. */
  readonly logged: number | undefined
}

/** What one process has seen of the data, and what later reads are held against. */
export interface Position {
  readonly lineage: Lineage
  readonly sequence: number
  /** Id of the last log entry, where it is known and recent enough to be there still. */
  readonly witness?: string | undefined
}

export interface BeatProof {
  readonly position: Position
  /** Id of the last entry of the log. */
  readonly lastEntry: string | undefined
  /** When the beat was sent, on our timer. */
  readonly sentAt: number
}

/** What a read has found. */
export interface Observation {
  readonly lineage: string | undefined
  readonly sequence: string | undefined
  /** False when the log entry that was last before is gone. */
  readonly witnessed?: boolean
  /** How many entries the log has ever had. */
  readonly logged?: number | undefined
}

/** Data that can be believed. */
export interface WholeData {
  /** `replaced`: by a later lineage that covers what was lost. */
  readonly kind: 'intact' | 'replaced'
  readonly position: Position
}

export type Finding =
  | WholeData
  /** Nothing is there, and nothing is known to have been. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'lost'; readonly detail: string }
  | { readonly kind: 'unreadable'; readonly detail: string }

/** Version 2 was written by builds that counted kinds of entries. Both say the same. */
const RECORD = /^v[12]:(\d{1,15}):[\w-]{1,64}:(-|\d{1,12}):(\d{1,15}):(-|\d{1,15})$/
const SEQUENCE = /^\d{1,15}$/

export function parseLineage(record: string): Lineage | undefined {
  const match = RECORD.exec(record)
  if (match === null) return undefined
  const [, generation, floor, start, logged] = match
  return {
    record,
    generation: Number(generation),
    floor: floor === '-' ? undefined : Number(floor),
    start: Number(start),
    logged: logged === '-' ? undefined : Number(logged),
  }
}

/**
 * Holds what was read against what was known when the read was sent, and not against what is known
 * by now: answers may be handled in another order than they were given.
 */
export function examine(known: Position | undefined, seen: Observation): Finding {
  if (seen.lineage === undefined) return withoutLineage(known, seen)
  const lineage =
    seen.lineage === known?.lineage.record ? known.lineage : parseLineage(seen.lineage)
  if (lineage === undefined) {
    return { kind: 'unreadable', detail: UNKNOWN_FORMAT }
  }
  if (seen.sequence === undefined || !SEQUENCE.test(seen.sequence)) {
    return { kind: 'lost', detail: 'the sequence is gone' }
  }
  const position: Position = { lineage, sequence: Number(seen.sequence) }
  const defect = defectOf(position, seen)
  if (defect !== undefined) return { kind: 'lost', detail: defect }
  if (known === undefined) return { kind: 'intact', position }
  if (lineage === known.lineage) return continued(known, position, seen)
  return isSuccessor(lineage, known.lineage)
    ? { kind: 'replaced', position }
    : {
        kind: 'lost',
        detail: 'an older lineage is back, or a new one does not cover what was lost',
      }
}

const UNKNOWN_FORMAT =
  'the lineage record has a format this version does not know. Is a newer version of the library writing to it?'

function withoutLineage(known: Position | undefined, seen: Observation): Finding {
  if (known !== undefined) return { kind: 'lost', detail: 'the lineage is gone' }
  const blank = seen.sequence === undefined && (seen.logged ?? 0) === 0
  return blank ? { kind: 'empty' } : { kind: 'lost', detail: 'there are data without a lineage' }
}

/** What is wrong with data whatever was known before. */
function defectOf({ lineage, sequence }: Position, { logged }: Observation): string | undefined {
  if (sequence < lineage.start) return 'the sequence lies before the lineage began'
  if (logged === undefined || lineage.logged === undefined) return undefined
  // A log that was deleted begins to count anew, and replicas that start later would miss entries.
  return logged - lineage.logged === sequence - lineage.start
    ? undefined
    : 'the log does not have the entries that the sequence counts'
}

function continued(known: Position, position: Position, seen: Observation): Finding {
  if (position.sequence < known.sequence) {
    return {
      kind: 'lost',
      detail: `the sequence fell from ${known.sequence} to ${position.sequence}`,
    }
  }
  // After a roll-back new revocations may have driven the sequence past what was known.
  if (seen.witnessed === false) return { kind: 'lost', detail: 'a log entry seen before is gone' }
  return { kind: 'intact', position }
}

/**
 * A later lineage is accepted instead of a lost one where its floor covers all that was issued
 * until it began. One from a restored backup is older; one that began without a floor covers nothing.
 */
function isSuccessor(lineage: Lineage, before: Lineage): boolean {
  if (lineage.generation <= before.generation || lineage.floor === undefined) return false
  return lineage.floor >= Math.floor(lineage.generation / 1000)
}

/** The further one of two positions, with what is known of its log. */
export function laterOf(a: Position | undefined, b: Position): Position {
  if (a === undefined || b.lineage.generation > a.lineage.generation) return b
  if (b.lineage.generation < a.lineage.generation || b.sequence < a.sequence) return a
  return b.sequence === a.sequence ? { ...b, witness: b.witness ?? a.witness } : b
}
