import { printable } from '../../core/events/events.js'
import { holdingProcess } from '../../redis/asking/holding-process.js'
import { revokeMethods } from '../revocations.js'
import type { RevocationStatus, RevocationStore } from '../store.js'
import { createHealth } from './health/health.js'
import {
  compileSettings,
  type RedisRevocationStoreOptions,
  type Settings,
} from './schema/options.js'
import { entryFor, type StoredEntry } from './schema/records.js'
import { createReplica } from './replica/replica.js'
import { createStrictReader } from './strict/strict-reader.js'
import { createWriter } from './writer.js'

export interface RedisRevocationStore extends RevocationStore {
  /**
   * For operators: gives up what was lost and sets a floor, so that service resumes where
   * `onDataLoss` or `onEmpty` is `refuse`. One process is enough; the others follow.
   */
  acceptDataLoss(): Promise<void>
}

/**
 * A denylist in Redis, shared by every process that uses the same `name`.
 *
 * A check costs a part of one MGET for each turn of the event loop. It answers "not revoked" only
 * where Redis is proven to hold every revocation it ever confirmed; otherwise it rejects with
 * `RevocationUnavailable` within `deadlineMs`, and at once while Redis is known to be down.
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 */
export function redisRevocationStore(options: RedisRevocationStoreOptions): RedisRevocationStore {
  const settings = compileSettings(options)
  const { keys, lifetimes, clock } = settings
  const replica = settings.mode === 'replicated' ? createReplica(settings) : undefined
  const health = createHealth(settings, {
    onBeat: (proof) => replica?.beat(proof),
    onState(state, detail) {
      if (state === 'lost' || state === 'closed') replica?.distrust()
      report(settings, state, detail)
    },
  })
  const reader = createStrictReader(settings, health)
  const writer = createWriter(settings, health)

  function apply(entry: StoredEntry | undefined): void {
    if (entry !== undefined) replica?.apply(entry.name, entry.value, entry.keptUntil)
  }

  function status(): RevocationStatus {
    const { state, detail } = health
    if (replica === undefined) return { ready: state === 'ready', state, detail }
    if (replica.fresh) return { ready: true, state: 'ready', detail: detail ?? replica.detail }
    if (state !== 'ready') return { ready: false, state, detail }
    return { ready: true, state: 'catching-up', detail: replica.detail }
  }

  return {
    check: (query) => replica?.check(query) ?? reader.check(query),
    ...revokeMethods(lifetimes, clock, {
      async write(revocation) {
        const entry = entryFor(keys, revocation)
        try {
          const stored = await holdingProcess(writer.store(entry))
          apply(stored.asMark ? entry.share?.mark : entry)
          return stored
        } catch (error) {
          // In this process it counts, stored or not.
          apply(entry)
          throw error
        }
      },
      sequence: () => health.position?.sequence ?? 0,
    }),
    // In strict mode nobody hears of what others revoke, and an answer takes a question.
    ...(replica === undefined ? {} : { watch: (changed) => replica.watch(changed) }),
    ready: () => health.ready(),
    acceptDataLoss: () => holdingProcess(health.acceptDataLoss()),
    status,
    async close() {
      replica?.close()
      health.close()
      writer.close()
    },
  }
}

function report({ events, name }: Settings, state: string, detail: string | undefined): void {
  const known = detail === undefined ? {} : { detail: printable(detail, 400) }
  events.emit({ name: 'revocation.state', store: name, state, ...known })
}
