import { withDeadline } from '../../core/deadline.js'
import type { TokenMemo } from '../../core/token-memo.js'
import { isRevoked, type RevocationFacts } from '../facts.js'
import { REFUSED_BY_LIFETIME } from '../lifetimes.js'
import { RevocationUnavailable, type RevocationQuery, type RevocationVerdict } from '../store.js'
import { createBatcher, type Reading } from './batch.js'
import { factKeys, type FactKeys } from './fact-keys.js'
import type { Health } from './health.js'
import type { Position } from './lineage.js'
import type { Settings } from './options.js'
import { parseFlag, parseMark, parseNumber } from './records.js'
import { faultOf } from './redis-errors.js'
import { unavailable } from './unavailable.js'

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
  const ask = createBatcher<FactKeys, Position, RevocationVerdict>({
    always: [keys.lineage, keys.sequence],
    async read(wanted) {
      try {
        return await withDeadline(read(wanted), deadlineMs, timer)
      } catch (error) {
        if (error instanceof RevocationUnavailable) throw error
        // Find out now what is wrong, not at the next beat.
        void health.beat()
        throw unavailable(`Redis did not answer: ${faultOf(error).detail}`, error)
      }
    },
    judge: (asked, records, { lineage }) => isRevoked(asked, factsIn(records, lineage.floor)),
  })

  /**
   * Lineage and sequence come in the same answer as the entries, so that "absent" is known to mean
   * "not revoked" and not "lost".
   */
  async function read(wanted: readonly string[]): Promise<Reading<Position>> {
    // Only after a stall of this process: its beats are late, and nothing is known against Redis.
    if (!health.isFresh()) await health.beat()
    const { client, position: sentWith } = health
    if (!health.isFresh() || client === undefined || sentWith === undefined) {
      throw health.unavailable()
    }
    const values = parseReply(await client.call('mget', wanted), wanted.length)
    const [lineage, sequence] = values
    const context = health.examine(sentWith, {
      lineage: lineage ?? undefined,
      sequence: sequence ?? undefined,
    })
    if (context === undefined) throw health.unavailable()
    return { values, context }
  }

  return {
    check(query, remembered) {
      const asked = factKeys(keys, query, remembered)
      if (lifetimes.exceeds(asked, clock())) return REFUSED_BY_LIFETIME
      const { state } = health
      if (state !== 'ready' && state !== 'stale') return Promise.reject(health.unavailable())
      return ask(asked)
    },
  }
}

function factsIn(records: readonly (string | null)[], floor: number | undefined): RevocationFacts {
  const [token, session, subject, client, version, issuer, all] = records
  return {
    token: parseFlag(token),
    session: parseFlag(session),
    subject: parseMark(subject),
    client: parseNumber(client),
    version: parseNumber(version),
    issuer: parseNumber(issuer),
    all: parseNumber(all),
    floor,
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
