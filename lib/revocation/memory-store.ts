import { systemClock, type Clock } from '../core/clock.js'
import { optionCheck } from '../core/options.js'
import { createMark, isRevoked, latest, mergeMarks, type Mark } from './facts.js'
import { compileLifetimes, LIFETIME_OPTION_NAMES, type LifetimeOptions } from './lifetimes.js'
import { RevocationUnavailable, type RevocationReceipt, type RevocationStore } from './store.js'

export interface MemoryRevocationStoreOptions extends LifetimeOptions {
  /** Most revocations held at once. A full store rejects new ones: it never forgets one early. @default 100000 */
  readonly maxEntries?: number
  /** @default the system's */
  readonly clock?: Clock
}

type Kind = 'token' | 'session' | 'subject' | 'client' | 'version' | 'all'

interface Entry {
  readonly value: Mark | number
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

  function read(kind: Kind, issuer: string, id: string | undefined): Mark | number | undefined {
    if (id === undefined || entries.size === 0) return undefined
    const entry = entries.get(keyOf(kind, issuer, id))
    return entry !== undefined && entry.until > clock() ? entry.value : undefined
  }

  function write(key: string, value: Mark | number, until: number): RevocationReceipt {
    const known = entries.get(key)
    if (known === undefined) makeRoom()
    entries.set(key, {
      value: known === undefined ? value : mergeValues(known.value, value),
      until: Math.max(until, known?.until ?? 0),
    })
    sequence += 1
    return { sequence }
  }

  function makeRoom(): void {
    if (!warned) {
      warned = true
      process.emitWarning(
        'memoryRevocationStore: revocations are held in this process only. A restart forgets them and other processes do not see them; use redisRevocationStore in production',
        { code: 'ERS_MEMORY_STORE' },
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

  function mark(key: string, value: Mark): RevocationReceipt {
    const { notBefore } = value
    return { ...write(key, value, lifetimes.markUntil(notBefore, clock())), notBefore }
  }

  return {
    check(query) {
      const now = clock()
      if (lifetimes.exceeds(query, now)) return { revoked: true, by: 'lifetime' }
      const { issuer } = query
      return isRevoked(query, {
        token: read('token', issuer, query.tokenId) !== undefined,
        session: read('session', issuer, query.sessionId) !== undefined,
        subject: asMark(read('subject', issuer, query.subject)),
        client: asMark(read('client', issuer, query.clientId))?.notBefore,
        version: asNumber(read('version', issuer, query.subject)),
        issuer: asMark(read('all', issuer, ''))?.notBefore,
        all: asMark(read('all', '', ''))?.notBefore,
      })
    },
    // The methods are async so that a full store rejects instead of throwing.
    async revokeToken({ issuer, tokenId, expiresAt }) {
      const now = clock()
      const until = lifetimes.tokenUntil(expiresAt, now)
      if (!(until > now)) return { sequence }
      return write(keyOf('token', issuer, tokenId), 1, until)
    },
    async revokeSession({ issuer, sessionId }) {
      return write(keyOf('session', issuer, sessionId), 1, lifetimes.sessionUntil(clock()))
    },
    async revokeSubject({ issuer, subject }, { issuedBefore, exceptSessions } = {}) {
      const notBefore = issuedBefore ?? lifetimes.notBefore(clock())
      return mark(keyOf('subject', issuer, subject), createMark(notBefore, exceptSessions))
    },
    async revokeClient({ issuer, clientId }, { issuedBefore } = {}) {
      const notBefore = issuedBefore ?? lifetimes.notBefore(clock())
      return mark(keyOf('client', issuer, clientId), createMark(notBefore))
    },
    async revokeAll({ issuer = '', issuedBefore } = {}) {
      return mark(
        keyOf('all', issuer, ''),
        createMark(issuedBefore ?? lifetimes.notBefore(clock())),
      )
    },
    async requireTokenVersion({ issuer, subject }, minimum) {
      const until = lifetimes.markUntil(clock(), clock())
      return write(keyOf('version', issuer, subject), minimum, until)
    },
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
function keyOf(kind: Kind, issuer: string, id: string): string {
  return JSON.stringify([kind, issuer, id])
}

function mergeValues(a: Mark | number, b: Mark | number): Mark | number {
  const [markA, markB] = [asMark(a), asMark(b)]
  if (markA !== undefined && markB !== undefined) return mergeMarks(markA, markB)
  return latest(asNumber(a), asNumber(b)) ?? b
}

function asMark(value: Mark | number | undefined): Mark | undefined {
  return typeof value === 'object' ? value : undefined
}

function asNumber(value: Mark | number | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
