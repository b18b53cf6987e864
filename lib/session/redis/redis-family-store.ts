import { optionCheck } from '../../core/options/option-check.js'
import type { RedisSource } from '../../redis/source/client.js'
import type { Asked } from '../../redis/asking/asker.js'
import type { FamilyState, Rotation, StoredFamily } from '../family.js'
import type { FamilyStore } from '../family-store.js'
import { END, END_SUBJECT, FIND, LIST, ROTATE, START } from './family-scripts.js'
import { openStoreAsker } from './store-asker.js'

export interface RedisFamilyStoreOptions {
  /** As for `redisRevocationStore`. One connection is opened. */
  readonly redis: RedisSource
  /** What every key begins with. All families of one user are one key. @default 'families' */
  readonly name?: string | undefined
  /** How long a call may wait for Redis before it is given up, in milliseconds. @default 500 */
  readonly deadlineMs?: number | undefined
}

/**
 * Refresh-token families in Redis, shared by every process that uses the same `name`. A rotation is
 * one script over one key, that of its user. While Redis does not answer, calls reject with `temporarily_unavailable`,
 * and no family ends by that.
 *
 * @throws TypeError at construction, for an unknown, missing or bad option.
 */
export function redisFamilyStore(options: RedisFamilyStoreOptions): FamilyStore {
  const check = optionCheck('redisFamilyStore')
  const setup = { name: 'families', reason: 'families_unavailable' } as const
  const { name, ask, close } = openStoreAsker(check, options, setup)

  const userOf = (tag: string): string => `${name}:{${tag}}`

  async function askForFamily(asked: Asked): Promise<StoredFamily | undefined> {
    return familyIn(await ask(asked))
  }

  return {
    async start(id, { subject, clientId, sessionId }, lifetime) {
      const { idleMs, absoluteMs, mostPerSubject } = lifetime
      const given = [id.id, subject, clientId, sessionId]
      const started = await askForFamily({
        script: START,
        keys: [userOf(id.tag)],
        args: [...given, idleMs, absoluteMs, mostPerSubject],
      })
      if (started === undefined) throw new TypeError('Redis holds another user under this tag')
      return started
    },
    find: ({ tag, id }) => askForFamily({ script: FIND, keys: [userOf(tag)], args: [id] }),
    async rotate({ tag, id }, { count, clientId }, { idleMs, graceMs }) {
      const args = [id, count, clientId, idleMs, graceMs]
      const answer = await ask({ script: ROTATE, keys: [userOf(tag)], args })
      const family = familyIn(answer)
      return family === undefined ? undefined : { family, rotation: rotationIn(answer) }
    },
    end: ({ tag, id }, state) =>
      askForFamily({ script: END, keys: [userOf(tag)], args: [id, state] }),
    async endSubject(tag, exceptSession = '') {
      const args = [exceptSession]
      return Number(await ask({ script: END_SUBJECT, keys: [userOf(tag)], args }))
    },
    async list(tag) {
      const answer = await ask({ script: LIST, keys: [userOf(tag)], args: [] })
      return listIn(answer).flatMap((family) => familyIn(family) ?? [])
    },
    close: async () => close(),
  }
}

function listIn(answer: unknown): readonly unknown[] {
  return Array.isArray(answer) ? answer : []
}

/** Undefined for a family that is not there: the answer has no number. */
function familyIn(answer: unknown): StoredFamily | undefined {
  const fields = listIn(answer)
  const [count, state, subject, clientId, sessionId, startedAt, rotatedAt, expiresAt] = fields.map(
    (field) => (typeof field === 'string' ? field : ''),
  )
  if (count === undefined || count === '') return undefined
  if (!isState(state)) throw new TypeError('Redis holds a family that this version cannot read')
  return {
    subject: subject ?? '',
    clientId: clientId ?? '',
    sessionId: sessionId ?? '',
    count: Number(count),
    startedAtMs: Number(startedAt),
    rotatedAtMs: Number(rotatedAt),
    expiresAtMs: Number(expiresAt),
    state,
  }
}

function isState(value: unknown): value is FamilyState {
  return value === 'live' || value === 'ended' || value === 'reused'
}

const ROTATIONS: ReadonlySet<unknown> = new Set<Rotation>([
  'rotated',
  'again',
  'ended',
  'reused',
  'expired',
  'wrong_client',
  'ahead',
])

function rotationIn(answer: unknown): Rotation {
  const rotation = listIn(answer)[8]
  if (isRotation(rotation)) return rotation
  throw new TypeError('Redis did not answer with a rotation')
}

function isRotation(value: unknown): value is Rotation {
  return ROTATIONS.has(value)
}
