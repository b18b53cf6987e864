import { compactId } from '../ids.js'
import { isSameValue, mergeValues, type Revocation, type RevocationValue } from '../revocations.js'

/** Revocations in a `Map`, and how many of them each user has. */
export interface MemoryEntries {
  readonly size: number
  get(kind: Revocation['kind'], issuer: string | undefined, id: string): Entry | undefined
  /** How many entries count against the share of that one's user; those past their time perhaps too. */
  shareUsed(revocation: Revocation): number
  /** Merges it with what is there; false where that changed nothing. */
  put(revocation: Revocation): boolean
  /** Looks for those past their time, once a minute at most: it goes through all of them. */
  dropExpired(now: number): void
  clear(): void
}

export interface Entry {
  readonly value: RevocationValue
  readonly until: number
  /** Whose share it counts against. */
  readonly owner: string | undefined
}

const DROP_INTERVAL_SECONDS = 60

export function createMemoryEntries(): MemoryEntries {
  const entries = new Map<string, Entry>()
  const counts = new Map<string, number>()
  let droppedAt = Number.NEGATIVE_INFINITY

  function count(owner: string | undefined, change: 1 | -1): void {
    if (owner === undefined) return
    const total = (counts.get(owner) ?? 0) + change
    if (total === 0) counts.delete(owner)
    else counts.set(owner, total)
  }

  return {
    get size() {
      return entries.size
    },
    get: (kind, issuer, id) => entries.get(keyOf(kind, issuer, id)),
    shareUsed(revocation) {
      const owner = ownerOf(revocation)
      return owner === undefined ? 0 : (counts.get(owner) ?? 0)
    },
    put(revocation) {
      const { kind, issuer, id, until, keptUntil } = revocation
      const value = compactValue(revocation.value)
      const key = keyOf(kind, issuer, id)
      const known = entries.get(key)
      if (known === undefined) {
        const owner = ownerOf(revocation)
        entries.set(key, { value, until: keptUntil, owner })
        count(owner, 1)
        return true
      }
      const merged = mergeValues(known.value, value)
      if (known.until >= until && isSameValue(known.value, merged)) return false
      const { owner } = known
      entries.set(key, { value: merged, until: Math.max(keptUntil, known.until), owner })
      return true
    },
    dropExpired(now) {
      // A clock that was set back is no reason to wait for longer.
      if (Math.abs(now - droppedAt) < DROP_INTERVAL_SECONDS) return
      droppedAt = now
      for (const [key, { until, owner }] of entries) {
        if (until > now) continue
        entries.delete(key)
        count(owner, -1)
      }
    },
    clear() {
      entries.clear()
      counts.clear()
    },
  }
}

function ownerOf({ kind, share }: Revocation): string | undefined {
  return share && keyOf(kind, share.mark.issuer, share.mark.id)
}

/** JSON, because no id can then run into another one, whatever characters it holds. */
function keyOf(kind: string, issuer: string | undefined, id: string): string {
  return JSON.stringify([kind, issuer ?? null, compactId(id)])
}

/** Sessions of a mark are ids too. */
function compactValue(value: RevocationValue): RevocationValue {
  if (typeof value !== 'object' || value.sessions.size === 0) return value
  const sessions = [...value.sessions].map(([id, second]) => [compactId(id), second] as const)
  return { notBefore: value.notBefore, sessions: new Map(sessions) }
}
