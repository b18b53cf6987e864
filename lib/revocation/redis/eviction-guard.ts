import type { Timer } from '../../core/clock.js'
import type { RedisClient } from './client.js'
import type { Probe, ServerFacts } from './probe.js'

export type EvictionFinding =
  | { readonly kind: 'fine' }
  /** Redis may remove revocations at any time. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** It has removed keys, and perhaps revocations among them. */
  | { readonly kind: 'lost'; readonly detail: string }

export interface EvictionGuard {
  /** Asks Redis, where it was not asked for a while or on this connection. */
  inspect(client: RedisClient): Promise<EvictionFinding>
  /** A new connection may lead to another server. */
  forget(): void
  /** What was evicted so far has been dealt with. */
  settle(): void
}

const INTERVAL_MS = 1000

/**
 * Eviction is the loss that lineage and sequence do not show: being read all the time, they are the
 * last keys that an LRU policy removes.
 */
export function createEvictionGuard(
  probe: Probe,
  onEviction: 'refuse' | 'warn',
  timer: Timer,
): EvictionGuard {
  let askedAt = Number.NEGATIVE_INFINITY
  let finding: EvictionFinding = { kind: 'fine' }
  /** The server when it was last known not to have evicted anything of ours. */
  let trusted: ServerFacts | undefined
  let latest: ServerFacts | undefined
  let warned = false

  function judge(server: ServerFacts): EvictionFinding {
    if (server.evicts) return onEviction === 'warn' ? warn(server) : refuse(server)
    const same = trusted?.runId === server.runId
    const evicted = same ? server.evictedKeys - (trusted?.evictedKeys ?? 0) : 0
    if (evicted > 0 && onEviction === 'refuse') {
      return { kind: 'lost', detail: `Redis has evicted ${evicted} keys` }
    }
    trusted = server
    return { kind: 'fine' }
  }

  function warn(server: ServerFacts): EvictionFinding {
    if (!warned) {
      warned = true
      process.emitWarning(`redisRevocationStore: ${describe(server)}`, {
        code: 'ERS_REDIS_EVICTION',
      })
    }
    return { kind: 'fine' }
  }

  return {
    async inspect(client) {
      const due = finding.kind !== 'fine' || timer.now() - askedAt >= INTERVAL_MS
      if (due) {
        latest = await probe.inspect(client)
        askedAt = timer.now()
        finding = judge(latest)
      }
      return finding
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

function refuse(server: ServerFacts): EvictionFinding {
  return { kind: 'refused', detail: describe(server) }
}

function describe({ policy }: ServerFacts): string {
  return `Redis may evict revocations, because maxmemory-policy is ${policy}. Set it to noeviction, or maxmemory to 0`
}
