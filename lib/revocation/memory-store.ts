import { systemClock, type Clock } from '../core/clock.js'
import { optionCheck } from '../core/options.js'
import { warn } from '../core/warnings.js'
import { isRevoked, type Mark } from './facts.js'
import {
  compileLifetimes,
  LIFETIME_OPTION_NAMES,
  REFUSED_BY_LIFETIME,
  type LifetimeOptions,
} from './lifetimes.js'
import { mergeValues, revokeMethods, type Revocation, type RevocationValue } from './revocations.js'
import { RevocationUnavailable, type RevocationStore } from './store.js'

export interface MemoryRevocationStoreOptions extends LifetimeOptions {
  /** Most revocations held at once. A full store rejects new ones: it never forgets one early. @default 100000 */
  readonly maxEntries?: number
  /** @default the system's */
  readonly clock?: Clock
}

interface Entry {
  readonly value: RevocationValue
  readonly until: number
}

/**
 * A denylist in the memory of one process: for development, tests, and APIs of a single process.
 * A restart forgets it, and other processes do not see it; it says so once.
 */
export function memoryRevocationStore(options: MemoryRevocationStoreOptions = {}): RevocationStore {
  const check = optionCheck('memoryRevocationStore')
  check.known(options, [...LIFETIME_OPTION_NAMES, 'maxEntries', 'clock'])
  check.optionalFunction('clock', options.clock)
  const lifetimes = compileLifetimes(check, options)
  const clock = options.clock ?? systemClock
  const maxEntries = check.number('maxEntries', options.maxEntries, {
    fallback: 100_000,
    min: 1,
    max: 10_000_000,
    integer: true,
  })
  const entries = new Map<string, Entry>()
  let sequence = 0
  let warned = false

  function read(
    kind: Revocation['kind'],
    issuer: string | undefined,
    id: string | undefined,
  ): RevocationValue | undefined {
    if (id === undefined || entries.size === 0) return undefined
    const entry = entries.get(keyOf(kind, issuer, id))
    return entry !== undefined && entry.until > clock() ? entry.value : undefined
  }

  function write({ kind, issuer, id, value, until }: Revocation): number {
    const key = keyOf(kind, issuer, id)
    const known = entries.get(key)
    if (known === undefined) makeRoom()
    entries.set(key, {
      value: known === undefined ? value : mergeValues(known.value, value),
      until: Math.max(until, known?.until ?? 0),
    })
    sequence += 1
    return sequence
  }

  function makeRoom(): void {
    if (!warned) {
      warned = true
      warn(
        'ERS_MEMORY_STORE',
        'memoryRevocationStore: revocations are held in this process only. A restart forgets them and other processes do not see them; use redisRevocationStore in production',
      )
    }
    if (entries.size < maxEntries) return
    const now = clock()
    for (const [key, { until }] of entries) if (until <= now) entries.delete(key)
    if (entries.size >= maxEntries) {
      throw new RevocationUnavailable(
        `memoryRevocationStore is full: ${maxEntries} revocations are held. Raise "maxEntries" or use redisRevocationStore`,
      )
    }
  }

  return {
    check(query) {
      const now = clock()
      if (lifetimes.exceeds(query, now)) return REFUSED_BY_LIFETIME
      const { issuer } = query
      return isRevoked(query, {
        token: read('token', issuer, query.tokenId) !== undefined,
        session: read('session', issuer, query.sessionId) !== undefined,
        subject: asMark(read('subject', issuer, query.subject)),
        client: asNumber(read('client', issuer, query.clientId)),
        version: asNumber(read('version', issuer, query.subject)),
        issuer: asNumber(read('all', issuer, '')),
        all: asNumber(read('all', undefined, '')),
      })
    },
    ...revokeMethods(lifetimes, clock, {
      // Async, so that a full store rejects instead of throwing.
      write: async (revocation) => write(revocation),
      sequence: () => sequence,
    }),
    ready: () => Promise.resolve(),
    status: () => ({
      ready: true,
      state: 'ready',
      detail: `${entries.size} of ${maxEntries} entries`,
    }),
    async close() {
      entries.clear()
    },
  }
}

/** JSON, because no id can then run into another one, whatever characters it holds. */
function keyOf(kind: string, issuer: string | undefined, id: string): string {
  return JSON.stringify([kind, issuer ?? null, id])
}

function asMark(value: RevocationValue | undefined): Mark | undefined {
  return typeof value === 'object' ? value : undefined
}

function asNumber(value: RevocationValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
