import { systemClock, type Clock } from '../../core/clock.js'
import { optionCheck } from '../../core/options/option-check.js'
import { warn } from '../../core/events/warnings.js'
import { isRevoked, type Mark } from '../facts.js'
import { compactId } from '../ids.js'
import { issuerName } from '../issuer-name.js'
import {
  compileLifetimes,
  LIFETIME_OPTION_NAMES,
  REFUSED_BY_LIFETIME,
  type LifetimeOptions,
} from '../lifetimes.js'
import { createMemoryEntries } from './memory-entries.js'
import {
  revokeMethods,
  type Revocation,
  type RevocationValue,
  type Stored,
} from '../revocations.js'
import { ENTRIES_PER_SUBJECT } from '../share.js'
import { RevocationUnavailable, type JudgedToken, type RevocationStore } from '../store.js'
import { Watchers } from '../watchers.js'

export interface MemoryRevocationStoreOptions extends LifetimeOptions {
  /** Most revocations held at once. A full store rejects new ones. Sessions of one user fill a hundredth of it at most, and tokens another. @default 100000 */
  readonly maxEntries?: number | undefined
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
}

/** One user fills a hundredth of a store at most. */
const USERS = 100

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
  const perSubject = Math.max(1, Math.min(ENTRIES_PER_SUBJECT, Math.floor(maxEntries / USERS)))
  const entries = createMemoryEntries()
  const watchers = new Watchers()
  let sequence = 0
  let warned = false
  let closed = false

  /** A store that has forgotten all would take every token for good. */
  function requireOpen(): void {
    if (closed) throw new RevocationUnavailable('memoryRevocationStore was closed')
  }

  function read(
    kind: Revocation['kind'],
    issuer: string | undefined,
    id: string | undefined,
  ): RevocationValue | undefined {
    if (id === undefined || entries.size === 0) return undefined
    const entry = entries.get(kind, issuer, id)
    return entry !== undefined && entry.until > clock() ? entry.value : undefined
  }

  function write(asked: Revocation): Stored {
    requireOpen()
    const mark = makeRoomInShare(asked) ? undefined : asked.share?.mark
    const revocation = mark ?? asked
    const { kind, issuer, id } = revocation
    if (entries.get(kind, issuer, id) === undefined) makeRoom()
    if (entries.put(revocation)) {
      sequence += 1
      watchers.tell()
    }
    return { sequence, asMark: mark !== undefined }
  }

  /** @returns whether the user may have one more entry. */
  function makeRoomInShare(asked: Revocation): boolean {
    if (entries.shareUsed(asked) < perSubject) return true
    if (entries.get(asked.kind, asked.issuer, asked.id) !== undefined) return true
    entries.dropExpired(clock())
    return entries.shareUsed(asked) < perSubject
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
    entries.dropExpired(clock())
    if (entries.size >= maxEntries) {
      throw new RevocationUnavailable(
        `memoryRevocationStore is full: ${maxEntries} revocations are held. Raise "maxEntries" or use redisRevocationStore`,
      )
    }
  }

  return {
    check(query) {
      requireOpen()
      lifetimes.tolerances.learn(query)
      const now = clock()
      if (lifetimes.exceeds(query, now)) return REFUSED_BY_LIFETIME
      const issuer = issuerName(query)
      return isRevoked(withCompactSession(query), {
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
    // Async, so that a closed store rejects instead of throwing.
    ready: async () => requireOpen(),
    status: () => ({
      ready: !closed,
      state: closed ? 'closed' : 'ready',
      detail: `${entries.size} of ${maxEntries} entries`,
    }),
    watch: (changed) => watchers.add(changed),
    async close() {
      closed = true
      entries.clear()
    },
  }
}

/** Marks name sessions as entries do. */
function withCompactSession(query: JudgedToken): JudgedToken {
  if (query.sessionId === undefined) return query
  const sessionId = compactId(query.sessionId)
  return sessionId === query.sessionId ? query : { ...query, sessionId }
}

function asMark(value: RevocationValue | undefined): Mark | undefined {
  return typeof value === 'object' ? value : undefined
}

function asNumber(value: RevocationValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
