import { warn } from '../../../core/events/warnings.js'
import type { RedisClient } from '../../../redis/source/client.js'
import { mayEvict, type ServerFacts } from '../../../redis/server-facts.js'
import type { Settings } from '../schema/options.js'
import type { Probe } from './probe.js'

export type ServerFinding =
  | { readonly kind: 'fine' }
  /** It cannot hold revocations, or may remove them at any time. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** It has removed keys, and perhaps revocations among them. */
  | { readonly kind: 'lost'; readonly detail: string }

export interface Inspection {
  readonly finding: ServerFinding
  /** Why nothing can be proven to be on disk, where that is wanted. The remaining data are not in doubt. */
  readonly undurable: string | undefined
}

export interface ServerGuard {
  /** Asks Redis, where it was not asked for a while or on this connection. */
  inspect(client: RedisClient): Promise<Inspection>
  /** A new connection may lead to another server. */
  forget(): void
  /** All evictions so far have been dealt with. */
  settle(): void
}

const INTERVAL_MS = 1000
const KEPT = 'revocations'

/**
 * Looks at the server itself, above all for eviction: the loss that lineage and sequence do
 * not show, because they are read all the time and so are the last keys that an LRU policy removes.
 */
export function createServerGuard(
  probe: Probe,
  { onEviction, fsync, timer }: Pick<Settings, 'onEviction' | 'fsync' | 'timer'>,
): ServerGuard {
  let askedAt = Number.NEGATIVE_INFINITY
  let finding: ServerFinding = { kind: 'fine' }
  let undurable: string | undefined
  /** The server when it was last known not to have evicted anything of ours. */
  let trusted: ServerFacts | undefined
  let latest: ServerFacts | undefined
  let warned = false

  function judge(server: ServerFacts): ServerFinding {
    // Entries are set to expire at a time (PXAT), and the log is trimmed by it (MINID).
    if (isOlderThan(server, 6, 2)) {
      const detail = `Redis ${server.version} is too old. Redis 6.2 or Valkey is needed`
      return { kind: 'refused', detail }
    }
    if (server.evicts) return onEviction === 'warn' ? warnOnce(server) : refuse(server)
    const same = trusted?.runId === server.runId
    const evicted = same ? server.evictedKeys - (trusted?.evictedKeys ?? 0) : 0
    if (evicted > 0 && onEviction === 'refuse') {
      return { kind: 'lost', detail: `Redis has evicted ${evicted} keys` }
    }
    trusted = server
    return { kind: 'fine' }
  }

  function warnOnce(server: ServerFacts): ServerFinding {
    if (!warned) {
      warned = true
      warn('ERS_REDIS_EVICTION', `redisRevocationStore: ${mayEvict(KEPT, server)}`)
    }
    return { kind: 'fine' }
  }

  return {
    async inspect(client) {
      const doubtful = finding.kind !== 'fine' || undurable !== undefined
      const due = doubtful || timer.now() - askedAt >= INTERVAL_MS
      if (due) {
        latest = await probe.inspect(client)
        askedAt = timer.now()
        finding = judge(latest)
        undurable = fsync ? whyUndurable(latest) : undefined
      }
      return { finding, undurable }
    },
    forget() {
      askedAt = Number.NEGATIVE_INFINITY
    },
    settle() {
      trusted = latest
      finding = { kind: 'fine' }
    },
  }
}

function refuse(server: ServerFacts): ServerFinding {
  return { kind: 'refused', detail: mayEvict(KEPT, server) }
}

function whyUndurable(server: ServerFacts): string | undefined {
  if (isOlderThan(server, 7, 2)) {
    return `"fsync" needs WAITAOF of Redis 7.2 or Valkey, and this is Redis ${server.version}`
  }
  if (server.appendOnly) return undefined
  return '"fsync" needs the append-only file of Redis. Set appendonly to yes'
}

function isOlderThan({ version }: ServerFacts, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor < major || (ownMajor === major && ownMinor < minor)
}
