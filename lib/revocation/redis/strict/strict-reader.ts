import { withDeadline } from '../../../core/deadline.js'
import type { TokenMemo } from '../../../core/token-memo.js'
import { isRevoked } from '../../facts.js'
import { issuerName } from '../../issuer-name.js'
import { REFUSED_BY_LIFETIME } from '../../lifetimes.js'
import { RevocationUnavailable, type RevocationQuery, type RevocationVerdict } from '../../store.js'
import { createBatcher, type Reading } from './batch.js'
import { factKeys, type FactKeys } from './fact-query.js'
import { factsFound } from './parse-facts.js'
import type { Health } from '../health/health.js'
import { ALL_KINDS, covers, type Kinds } from '../schema/kinds.js'
import type { Settings } from '../schema/options.js'
import { faultOf } from '../../../redis/errors.js'
import { unavailable } from '../schema/unavailable.js'

/** Asks Redis about each token, together with all others of the same turn of the event loop. */
export interface StrictReader {
  check(
    query: RevocationQuery,
    remembered: TokenMemo | undefined,
  ): RevocationVerdict | Promise<RevocationVerdict>
}

export function createStrictReader(
  { keys, deadlineMs, timer, lifetimes, clock }: Settings,
  health: Health,
): StrictReader {
  /** Those of the last answer. */
  let kinds = ALL_KINDS

  const ask: Ask = createBatcher<FactKeys, Whole, RevocationVerdict>({
    always: [keys.lineage, keys.sequence, keys.kinds],
    now: timer.now,
    read(wanted) {
      return answered(read(wanted), deadlineMs)
    },
    judge(asked, found, whole): RevocationVerdict | Promise<RevocationVerdict> {
      if (covers(asked.kinds, whole.kinds)) {
        return isRevoked(asked, factsFound(keys, found, whole.floor))
      }
      // The first revocation of a kind came between: once in the life of these data.
      const again = ask(factKeys(keys, asked.query, whole.kinds, undefined))
      return answered(again, whole.askedAt + deadlineMs - timer.now())
    },
  })

  async function answered<T>(answer: Promise<T>, withinMs: number): Promise<T> {
    try {
      return await withDeadline(answer, withinMs, timer)
    } catch (error) {
      if (error instanceof RevocationUnavailable) throw error
      // Find out now what is wrong, not at the next beat.
      void health.beat()
      throw unavailable(`Redis did not answer: ${faultOf(error).detail}`, error)
    }
  }

  /**
   * Lineage, sequence and kinds come in the same answer as the entries, so that "absent" is known to
   * mean "not revoked", and neither "lost" nor "not asked for".
   */
  async function read(wanted: readonly string[]): Promise<Reading<Whole>> {
    const askedAt = timer.now()
    // Only after a stall of this process: its beats are late, and nothing is known against Redis.
    if (!health.isFresh()) await health.beat()
    const { client, position: sentWith } = health
    if (!health.isFresh() || client === undefined || sentWith === undefined) {
      throw health.unavailable()
    }
    const values = parseReply(await client.call('mget', wanted), wanted.length)
    const [lineage, sequence, record] = values
    const found = health.examine(sentWith, {
      lineage: lineage ?? undefined,
      sequence: sequence ?? undefined,
      kinds: record ?? undefined,
    })
    if (found === undefined) throw health.unavailable()
    kinds = found.kinds
    return { values, context: { floor: found.position.lineage.floor, kinds, askedAt } }
  }

  return {
    check(query, remembered) {
      lifetimes.tolerances.learn(issuerName(query), remembered)
      const asked = factKeys(keys, query, kinds, remembered)
      if (lifetimes.exceeds(asked, clock())) return REFUSED_BY_LIFETIME
      const { state } = health
      if (state !== 'ready' && state !== 'stale') return Promise.reject(health.unavailable())
      return ask(asked)
    },
  }
}

type Ask = (asked: FactKeys) => Promise<RevocationVerdict>

/** What holds for all that is found in data that are whole. */
interface Whole {
  readonly floor: number | undefined
  readonly kinds: Kinds
  /** When the question was asked, on our timer. */
  readonly askedAt: number
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
