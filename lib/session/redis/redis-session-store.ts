import { optionCheck } from '../../core/options/option-check.js'
import type { RedisSource } from '../../redis/source/client.js'
import type { Script, ScriptArgument } from '../../redis/scripts.js'
import type { SessionStore, StoredSession } from '../session-store.js'
import { CLAIM, CREATE, END_SESSION, LOCK, READ_SESSION, UNLOCK, WRITE } from './session-scripts.js'
import { openStoreAsker } from './store-asker.js'

export interface RedisSessionStoreOptions {
  /** As for `redisRevocationStore`. One connection is opened. */
  readonly redis: RedisSource
  /** What every key begins with. @default 'sessions' */
  readonly name?: string | undefined
  /** How long a call may wait for Redis before it is given up, in milliseconds. @default 500 */
  readonly deadlineMs?: number | undefined
}

/**
 * The sessions of a `tokenHandler` in Redis, shared by every process that uses the same `name`. Each
 * session is one key. While Redis does not answer, calls reject with `temporarily_unavailable`, and no
 * session ends by that.
 *
 * @throws TypeError at construction, for an unknown, missing or bad option.
 */
export function redisSessionStore(options: RedisSessionStoreOptions): SessionStore {
  const check = optionCheck('redisSessionStore')
  const asker = openStoreAsker(check, options, { name: 'sessions', reason: 'sessions_unavailable' })

  async function ask(key: string, script: Script, ...args: ScriptArgument[]): Promise<unknown> {
    return asker.ask({ script, keys: [`${asker.name}:${key}`], args })
  }

  return {
    async create(key, record, { idleMs, absoluteMs }) {
      await ask(key, CREATE, record, idleMs, absoluteMs)
    },
    read: async (key, use) => sessionIn(await ask(key, READ_SESSION, use ? 1 : 0)),
    async lock(key, holder, forMs) {
      const answer = await ask(key, LOCK, holder, forMs)
      return answer === 'held' ? 'held' : sessionIn(answer)
    },
    async write(key, { record, holder, version }) {
      return (await ask(key, WRITE, record, holder, version)) === 1
    },
    async unlock(key, holder) {
      await ask(key, UNLOCK, holder)
    },
    async end(key) {
      await ask(key, END_SESSION)
    },
    claim: async (claimed, forMs) => (await ask(`claim:${claimed}`, CLAIM, forMs)) === 1,
    close: async () => asker.close(),
  }
}

/** Undefined for a session that is not there. */
function sessionIn(answer: unknown): StoredSession | undefined {
  if (!Array.isArray(answer)) return undefined
  const [record, version, idleExpiresAtMs] = answer.map(String)
  if (record === undefined) return undefined
  return { record, version: Number(version), idleExpiresAt: Number(idleExpiresAtMs) / 1000 }
}
