import { withDeadline } from '../../core/deadline.js'
import { isRevoked, type RevocationFacts } from '../facts.js'
import { RevocationUnavailable, type RevocationQuery, type RevocationVerdict } from '../store.js'
import { createBatcher, type LookUp, type Reading } from './batch.js'
import { factKeys, withKeySession, type FactKeys } from './fact-keys.js'
import type { Health } from './health.js'
import type { Position } from './lineage.js'
import type { Settings } from './options.js'
import { parseFlag, parseMark, parseNumber } from './records.js'
import { faultOf } from './redis-errors.js'
import { unavailable } from './unavailable.js'

/** Asks Redis about each token, together with all others of the same turn of the event loop. */
export interface StrictReader {
  check(query: RevocationQuery): Promise<RevocationVerdict>
}

export function createStrictReader(
  { keys, deadlineMs, timer }: Settings,
  health: Health,
): StrictReader {
  const batcher = createBatcher<Position, RevocationVerdict>(async (wanted) => {
    try {
      return await withDeadline(read(wanted), deadlineMs, timer)
    } catch (error) {
      if (error instanceof RevocationUnavailable) throw error
      // Find out now what is wrong, not at the next beat.
      void health.beat()
      throw unavailable(`Redis did not answer: ${faultOf(error).detail}`, error)
    }
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
    const reply = await client.call('mget', [keys.lineage, keys.sequence, ...wanted])
    const [lineage, sequence, ...values] = parseReply(reply, wanted.length + 2)
    const context = health.examine(sentWith, {
      lineage: lineage ?? undefined,
      sequence: sequence ?? undefined,
    })
    if (context === undefined) throw health.unavailable()
    return { values, context }
  }

  return {
    check(query) {
      const { state } = health
      if (state !== 'ready' && state !== 'stale') return Promise.reject(health.unavailable())
      const names = factKeys(keys, query)
      return batcher.add(Object.values(names), (lookUp, { lineage }) =>
        isRevoked(withKeySession(keys, query), factsFrom(names, lookUp, lineage.floor)),
      )
    },
  }
}

function factsFrom(names: FactKeys, lookUp: LookUp, floor: number | undefined): RevocationFacts {
  const record = (name: string | undefined): string | null =>
    name === undefined ? null : lookUp(name)
  return {
    token: parseFlag(record(names.token)),
    session: parseFlag(record(names.session)),
    subject: parseMark(record(names.subject)),
    client: parseNumber(record(names.client)),
    version: parseNumber(record(names.version)),
    issuer: parseNumber(record(names.issuer)),
    all: parseNumber(record(names.all)),
    floor,
  }
}

function parseReply(reply: unknown, length: number): readonly (string | null)[] {
  if (!Array.isArray(reply) || reply.length !== length) throw new Error('an odd answer to MGET')
  return reply.map((value: unknown) => (typeof value === 'string' ? value : null))
}
