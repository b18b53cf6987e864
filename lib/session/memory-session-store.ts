import { systemClock, type Clock } from '../core/clock.js'
import { optionCheck } from '../core/options/option-check.js'
import { AuthError } from '../core/verdicts/errors.js'
import type { SessionStore, StoredSession } from './session-store.js'

export interface MemorySessionStoreOptions {
  /** Sessions held at most; with more, a login is refused by 503. So many answers to logins are known again. @default 100000 */
  readonly maxSessions?: number | undefined
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
}

interface Entry {
  record: string
  version: number
  idleMs: number
  /** When it ends for want of use, and whatever happens. */
  idleUntil: number
  readonly until: number
  lock?: { readonly holder: string; readonly until: number }
}

/**
 * Sessions in the memory of one process: for tests, and for apps that are one process. A restart logs
 * everybody out.
 *
 * @throws TypeError at construction, for an unknown or bad option.
 */
export function memorySessionStore(options: MemorySessionStoreOptions = {}): SessionStore {
  const check = optionCheck('memorySessionStore')
  check.known(options, ['maxSessions', 'clock'])
  check.optionalFunction('clock', options.clock)
  const maxSessions = check.number('maxSessions', options.maxSessions, {
    fallback: 100_000,
    min: 1,
    max: 10_000_000,
    integer: true,
  })
  const clock = options.clock ?? systemClock
  const sessions = new Map<string, Entry>()
  const claims = new Map<string, number>()
  let closed = false

  function nowMs(): number {
    if (closed) throw unavailable('the store was closed')
    return clock() * 1000
  }

  function isOver({ idleUntil, until }: Entry, now: number): boolean {
    return !(now < idleUntil && now < until)
  }

  function find(key: string, now: number): Entry | undefined {
    const entry = sessions.get(key)
    if (entry === undefined || !isOver(entry, now)) return entry
    sessions.delete(key)
    return undefined
  }

  function makeRoom(now: number): void {
    if (sessions.size < maxSessions) return
    for (const [key, entry] of sessions) if (isOver(entry, now)) sessions.delete(key)
    if (sessions.size >= maxSessions) throw unavailable('the store is full: raise "maxSessions"')
  }

  function seen({ record, version, idleUntil, until }: Entry): StoredSession {
    return { record, version, idleExpiresAt: Math.min(idleUntil, until) / 1000 }
  }

  return {
    async create(key, record, { idleMs, absoluteMs }) {
      const now = nowMs()
      makeRoom(now)
      const ends = { idleUntil: now + idleMs, until: now + absoluteMs }
      sessions.set(key, { record, version: 1, idleMs, ...ends })
    },
    async read(key, use) {
      const now = nowMs()
      const entry = find(key, now)
      if (entry !== undefined && use) entry.idleUntil = now + entry.idleMs
      return entry && seen(entry)
    },
    async lock(key, holder, forMs) {
      const now = nowMs()
      const entry = find(key, now)
      if (entry === undefined) return undefined
      const { lock } = entry
      if (lock !== undefined && lock.holder !== holder && now < lock.until) return 'held'
      entry.lock = { holder, until: now + forMs }
      return seen(entry)
    },
    async write(key, { record, holder, version }) {
      const entry = find(key, nowMs())
      if (entry === undefined) return false
      // An answer that was lost is asked for again.
      if (entry.version === version + 1 && entry.record === record) return true
      if (entry.lock?.holder !== holder || entry.version !== version) return false
      entry.record = record
      entry.version += 1
      delete entry.lock
      return true
    },
    async unlock(key, holder) {
      const entry = find(key, nowMs())
      if (entry?.lock?.holder === holder) delete entry.lock
    },
    async end(key) {
      nowMs()
      sessions.delete(key)
    },
    async claim(name, forMs) {
      const now = nowMs()
      if (now < (claims.get(name) ?? 0)) return false
      claims.delete(name)
      // Anybody can begin logins and answer them: if that filled a table, nobody else could log in.
      const [oldest] = claims.keys()
      if (oldest !== undefined && claims.size >= maxSessions) claims.delete(oldest)
      claims.set(name, now + forMs)
      return true
    },
    async close() {
      closed = true
      sessions.clear()
      claims.clear()
    },
  }
}

function unavailable(detail: string): AuthError {
  return new AuthError('temporarily_unavailable', { reason: 'sessions_unavailable', detail })
}
