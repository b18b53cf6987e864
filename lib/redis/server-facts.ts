import { script, type Script } from './scripts.js'

/** What INFO says about how Redis keeps keys, and about the ways in which it removes them. */
export interface ServerFacts {
  readonly runId: string
  readonly version: string
  readonly evicts: boolean
  /** False where it is known to write no append-only file. */
  readonly appendOnly: boolean
  readonly policy: string
  readonly evictedKeys: number
}

/** INFO of the node that holds KEYS[1]: on a Cluster, INFO itself would ask any node. */
export const INSPECT: Script = script(`
redis.call('EXISTS', KEYS[1])
return redis.call('INFO', 'server') .. redis.call('INFO', 'memory') .. redis.call('INFO', 'persistence')
  .. redis.call('INFO', 'stats')`)

/** @param reply Of `INSPECT`. */
export function serverFactsOf(reply: unknown): ServerFacts {
  const fields = new Map<string, string>()
  for (const line of String(reply).split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  const policy = fields.get('maxmemory_policy') ?? 'noeviction'
  return {
    runId: fields.get('run_id') ?? '',
    version: fields.get('redis_version') ?? 'unknown',
    policy,
    appendOnly: fields.get('aof_enabled') !== '0',
    evicts: policy !== 'noeviction' && fields.get('maxmemory') !== '0',
    evictedKeys: Number(fields.get('evicted_keys') ?? 0),
  }
}

/** @param kept What must not be evicted. */
export function mayEvict(kept: string, { policy }: ServerFacts): string {
  return `Redis may evict ${kept}, because maxmemory-policy is ${policy}. Set it to noeviction, or maxmemory to 0`
}
