import { withDeadline } from '../../../core/deadline.js'
import { holdingProcess } from '../../../redis/asking/holding-process.js'
import { isRevoked } from '../../facts.js'
import { REFUSED_BY_LIFETIME } from '../../lifetimes.js'
import { RevocationUnavailable, type RevocationQuery, type RevocationVerdict } from '../../store.js'
import { createBatcher, type Reading } from './batch.js'
import { FactQuery, type QueryKeys } from './fact-query.js'
import { parseFacts } from './parse-facts.js'
import type { Health } from '../health/health.js'
import { knownVerdict } from '../schema/floor.js'
import type { Lineage } from '../schema/lineage.js'
import type { Settings } from '../schema/options.js'
import { faultOf } from '../../../redis/errors.js'
import { unavailable } from '../schema/unavailable.js'

/** Asks Redis about each token, together with all others of the same turn of the event loop. */
export interface StrictReader {
  check(query: RevocationQuery): RevocationVerdict | Promise<RevocationVerdict>
}

export function createStrictReader(
  { keys, deadlineMs, timer, lifetimes, clock }: Settings,
  health: Health,
): StrictReader {
  const facts = new FactQuery(keys, lifetimes.tolerances)
  const ask = createBatcher<QueryKeys, Lineage, RevocationVerdict>({
    always: [keys.lineage, keys.sequence],
    now: timer.now,
    read: (wanted) => holdingProcess(answered(read(wanted))),
    judge(asked, found, lineage) {
      const verdict = isRevoked(asked, parseFacts(keys, found, lineage.floor))
      return knownVerdict(verdict, asked, lineage, clock())
    },
  })

  async function answered<T>(answer: Promise<T>): Promise<T> {
    try {
      return await withDeadline(answer, deadlineMs, timer)
    } catch (error) {
      if (error instanceof RevocationUnavailable) throw error
      // Find out now what is wrong, not at the next beat.
      void health.beat()
      throw unavailable(`Redis did not answer: ${faultOf(error).detail}`, error)
    }
  }

  /**
   * Lineage and sequence come in the same answer as the entries, so that "absent" is known to mean
   * "not revoked", and not "lost".
   */
  async function read(wanted: readonly string[]): Promise<Reading<Lineage>> {
    // Only after a stall of this process: its beats are late, and nothing is known against Redis.
    if (!health.isFresh()) await health.beat()
    const { client, position: sentWith } = health
    if (!health.isFresh() || client === undefined || sentWith === undefined) {
      throw health.unavailable()
    }
    const values = parseReply(await client.call('mget', wanted), wanted.length)
    const [lineage, sequence] = values
    const found = health.examine(sentWith, {
      lineage: lineage ?? undefined,
      sequence: sequence ?? undefined,
    })
    if (found === undefined) throw health.unavailable()
    return { values, context: found.position.lineage }
  }

  return {
    check(query) {
      const asked = facts.keysOf(query)
      if (lifetimes.exceeds(asked, clock())) return REFUSED_BY_LIFETIME
      const { state } = health
      if (state === 'ready' || state === 'stale') return ask(asked)
      return health.started().then(() => ask(asked))
    },
  }
}

function parseReply(reply: unknown, length: number): readonly (string | null)[] {
  if (!Array.isArray(reply) || reply.length !== length || !reply.every(isRecordOrAbsent)) {
    throw new Error('an odd answer to MGET')
  }
  return reply
}

function isRecordOrAbsent(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}
