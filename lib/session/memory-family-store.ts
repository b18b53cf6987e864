import { systemClock, type Clock } from '../core/clock.js'
import { optionCheck } from '../core/options/option-check.js'
import { AuthError } from '../core/verdicts/errors.js'
import { judgeRotation, type StoredFamily } from './family.js'
import type { FamilyStore } from './family-store.js'

export interface MemoryFamilyStoreOptions {
  /** Families held at most; with more, a login is refused by 503. @default 100000 */
  readonly maxFamilies?: number | undefined
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
}

interface Entry {
  family: StoredFamily
  /** When it is forgotten, in milliseconds. */
  until: number
}

/**
 * Refresh-token families in the memory of one process: for tests, and for apps that are one process.
 * A restart logs everybody out.
 *
 * @throws TypeError at construction, for an unknown or bad option.
 */
export function memoryFamilyStore(options: MemoryFamilyStoreOptions = {}): FamilyStore {
  const check = optionCheck('memoryFamilyStore')
  check.known(options, ['maxFamilies', 'clock'])
  check.optionalFunction('clock', options.clock)
  const maxFamilies = check.number('maxFamilies', options.maxFamilies, {
    fallback: 100_000,
    min: 1,
    max: 10_000_000,
    integer: true,
  })
  const clock = options.clock ?? systemClock
  const subjects = new Map<string, Map<string, Entry>>()
  let size = 0
  let closed = false

  function nowMs(): number {
    if (closed) throw unavailable('the store was closed')
    return Math.floor(clock() * 1000)
  }

  function forget(tag: string, id: string): void {
    const families = subjects.get(tag)
    if (families?.delete(id) !== true) return
    size -= 1
    if (families.size === 0) subjects.delete(tag)
  }

  function entryOf(tag: string, id: string, now: number): Entry | undefined {
    const entry = subjects.get(tag)?.get(id)
    if (entry === undefined || now < entry.until) return entry
    forget(tag, id)
    return undefined
  }

  function forgetExpired(now: number): void {
    for (const [tag, families] of subjects) {
      for (const [id, { until }] of families) if (now >= until) forget(tag, id)
    }
  }

  function liveOf(tag: string, now: number): readonly Entry[] {
    const families = subjects.get(tag)?.values() ?? []
    return [...families].filter(({ family, until }) => family.state === 'live' && now < until)
  }

  return {
    async start({ tag, id }, family, { idleMs, absoluteMs, mostPerSubject }) {
      const now = nowMs()
      const others = subjects.get(tag)
      const oldest = others?.keys().next().value
      if (others !== undefined && others.size >= mostPerSubject && oldest !== undefined) {
        forget(tag, oldest)
      }
      if (size >= maxFamilies) forgetExpired(now)
      if (size >= maxFamilies) throw unavailable('the store is full: raise "maxFamilies"')
      const times = { startedAtMs: now, rotatedAtMs: now, expiresAtMs: now + absoluteMs }
      const started: StoredFamily = { ...family, ...times, count: 1, state: 'live' }
      const families = subjects.get(tag) ?? new Map<string, Entry>()
      families.set(id, { family: started, until: now + Math.min(idleMs, absoluteMs) })
      subjects.set(tag, families)
      size += 1
      return started
    },
    async find({ tag, id }) {
      return entryOf(tag, id, nowMs())?.family
    },
    async rotate({ tag, id }, presented, rules) {
      const now = nowMs()
      const entry = entryOf(tag, id, now)
      if (entry === undefined) return undefined
      const rotation = judgeRotation(entry.family, presented, rules, now)
      if (rotation === 'rotated') {
        entry.family = { ...entry.family, count: entry.family.count + 1, rotatedAtMs: now }
        entry.until = Math.min(entry.family.expiresAtMs, now + rules.idleMs)
      } else if (rotation === 'reused' || rotation === 'ahead') {
        entry.family = { ...entry.family, state: 'reused' }
      }
      return { rotation, family: entry.family }
    },
    async end({ tag, id }, state) {
      const entry = entryOf(tag, id, nowMs())
      if (entry === undefined) return undefined
      entry.family = { ...entry.family, state }
      return entry.family
    },
    async endSubject(tag, exceptSession) {
      const ended = liveOf(tag, nowMs()).filter(({ family }) => family.sessionId !== exceptSession)
      for (const entry of ended) entry.family = { ...entry.family, state: 'ended' }
      return ended.length
    },
    async list(tag) {
      return liveOf(tag, nowMs()).map(({ family }) => family)
    },
    async close() {
      closed = true
      subjects.clear()
      size = 0
    },
  }
}

function unavailable(detail: string): AuthError {
  return new AuthError('temporarily_unavailable', { reason: 'families_unavailable', detail })
}
