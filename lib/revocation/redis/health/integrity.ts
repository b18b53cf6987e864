import type { RedisClient } from '../../../redis/source/client.js'
import { createServerGuard, type ServerFinding } from './server-guard.js'
import { examine, type Finding, type Position } from '../schema/lineage.js'
import type { Settings } from '../schema/options.js'
import { createProbe, type Beat } from './probe.js'

export type IntegrityFinding =
  | {
      readonly kind: 'proven'
      readonly position: Position
      /** Id of the last entry of the log. */
      readonly lastEntry: string | undefined
      /** When the question was sent, on our timer. */
      readonly sentAt: number
      /** What was lost, where a floor has just been set for it. */
      readonly lost: string | undefined
      /** Why new revocations are not durable as asked for, where they are not. */
      readonly undurable: string | undefined
    }
  | { readonly kind: 'lost'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }

/** Finds out whether the data in Redis are whole, and does what the options say where they are not. */
export interface IntegrityCheck {
  /** `acceptLoss`: a person has decided, whatever the options say. */
  run(
    client: RedisClient,
    known: Position | undefined,
    acceptLoss: boolean,
  ): Promise<IntegrityFinding>
  /** The next connection may lead to another server. */
  reconnected(): void
}

/** Empty or lost, replaced, looked at again: more turns mean that somebody else keeps changing it. */
const MAX_TURNS = 3

export function createIntegrityCheck(settings: Settings): IntegrityCheck {
  const { timer, onDataLoss, onEmpty, retentionMs } = settings
  const probe = createProbe(settings)
  const guard = createServerGuard(probe, settings)

  /** Far from the end of its time in the log, so that it cannot have been trimmed. */
  function witnessIn({ lastEntry, serverTimeMs }: Beat): string | undefined {
    if (lastEntry === undefined) return undefined
    const ageMs = serverTimeMs - Number(lastEntry.split('-')[0])
    return ageMs < retentionMs / 2 ? lastEntry : undefined
  }

  return {
    async run(client, known, acceptLoss) {
      const { finding: evicted, undurable } = await guard.inspect(client)
      if (evicted.kind === 'refused') return evicted
      // Later than at the start, checks go on: only new revocations are in doubt.
      if (undurable !== undefined && known === undefined) {
        return { kind: 'refused', detail: undurable }
      }
      let lost: string | undefined
      for (let turn = 0; turn < MAX_TURNS; turn += 1) {
        const sentAt = timer.now()
        const seen = await probe.beat(client, known?.witness)
        const finding = lessEvicted(examine(known, seen), lost === undefined ? evicted : FINE)
        if (finding.kind === 'unreadable') return { ...finding, kind: 'refused' }
        if (finding.kind === 'empty') {
          if (onEmpty === 'refuse' && !acceptLoss) return REFUSED_AS_EMPTY
          await probe.adopt(client, undefined, onEmpty !== 'initialize', undefined)
        } else if (finding.kind === 'lost') {
          lost = `revocations were lost: ${finding.detail}`
          if (onDataLoss === 'refuse' && !acceptLoss) return { kind: 'lost', detail: lost }
          await probe.adopt(client, seen.lineage, true, known)
          guard.settle()
        } else {
          const position = { ...finding.position, witness: witnessIn(seen) }
          return { kind: 'proven', position, lastEntry: seen.lastEntry, sentAt, lost, undurable }
        }
      }
      return { kind: 'lost', detail: lost ?? 'the data change all the time' }
    },
    reconnected: () => guard.forget(),
  }
}

const REFUSED_AS_EMPTY: IntegrityFinding = {
  kind: 'refused',
  detail: "Redis is empty and \"onEmpty\" is 'refuse'. Start once with 'initialize' or 'floor'",
}

const FINE: ServerFinding = { kind: 'fine' }

/** Data that look whole are not, where Redis has evicted keys. */
function lessEvicted(finding: Finding, evicted: ServerFinding): Finding {
  const looksWhole = finding.kind === 'intact' || finding.kind === 'replaced'
  return looksWhole && evicted.kind === 'lost' ? evicted : finding
}
