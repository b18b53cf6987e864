/**
 * down: no connection, or no answer. verifying: connected, and nothing of it proven yet. ready.
 * lost: data were lost, and nobody has decided what that means. refused: it will not get better by
 * itself.
 */
export type StoredState = 'down' | 'verifying' | 'ready' | 'lost' | 'refused' | 'closed'

/** stale: ready, but the last proof is too old. It depends on the time of reading, so it is never stored. */
export type HealthState = StoredState | 'stale'

/** What is believed of Redis at one moment. */
export interface Condition {
  readonly state: StoredState
  /** Why it is in this state, for people. A store that is ready has one only where something is amiss. */
  readonly detail: string | undefined
  readonly cause: unknown
  /** The last beat failed although there was a connection. */
  readonly doubted: boolean
}

export type Happening =
  | { readonly kind: 'connected' }
  /** `permanent`: it does not pass by itself. `beat`: of a beat that had a connection. */
  | (Reason & {
      readonly kind: 'failed'
      readonly permanent: boolean
      readonly beat: boolean
      readonly cause: unknown
    })
  /** A beat found all data there. `detail`: why new revocations are not durable as asked for. */
  | { readonly kind: 'proven'; readonly detail: string | undefined }
  /** A beat found that data are missing. */
  | (Reason & { readonly kind: 'lost' })
  /** A beat found data or a server that must not be used. */
  | (Reason & { readonly kind: 'refused' })
  /** A check found other data than those known. */
  | (Reason & { readonly kind: 'contradicted' })
  | { readonly kind: 'closed' }

interface Reason {
  readonly detail: string
}

export const AT_FIRST: Condition = {
  state: 'down',
  detail: 'not connected yet',
  cause: undefined,
  doubted: false,
}

type Row = Readonly<Partial<Record<Happening['kind'], StoredState>>>

const FROM_ALL: Row = {
  connected: 'verifying',
  failed: 'down',
  refused: 'refused',
  proven: 'ready',
  lost: 'lost',
  closed: 'closed',
}

/** The diagram of docs/revocation.md. Where a row lacks a happening, it changes nothing. */
export const TRANSITIONS: Readonly<Record<StoredState, Row>> = {
  down: FROM_ALL,
  verifying: FROM_ALL,
  ready: { ...FROM_ALL, contradicted: 'verifying' },
  lost: FROM_ALL,
  refused: FROM_ALL,
  closed: {},
}

/** The condition after a happening; the same object where it changes nothing. */
export function next(before: Condition, happening: Happening): Condition {
  const state = TRANSITIONS[before.state][columnOf(happening)]
  if (state === undefined) return before
  // A server that takes connections and answers badly is no better for each new one.
  if (happening.kind === 'connected' && before.doubted) return before
  return {
    state,
    detail: detailOf(happening),
    cause: happening.kind === 'failed' ? happening.cause : undefined,
    doubted: doubtAfter(before, happening),
  }
}

function columnOf(happening: Happening): Happening['kind'] {
  return happening.kind === 'failed' && happening.permanent ? 'refused' : happening.kind
}

function detailOf(happening: Happening): string | undefined {
  if (happening.kind === 'connected') return 'connected, but nothing is proven yet'
  if (happening.kind === 'closed') return 'it was closed'
  return happening.detail
}

function doubtAfter(before: Condition, happening: Happening): boolean {
  if (happening.kind === 'failed') return happening.beat || before.doubted
  const answered = ['proven', 'lost', 'refused'].includes(happening.kind)
  return answered ? false : before.doubted
}

/** Whether listeners are told, who know of `told` or of nothing yet. */
export function isNews(told: Condition | undefined, now: Condition): boolean {
  return now.state !== told?.state || (now.state === 'ready' && now.detail !== told.detail)
}

/** Whether it stays so until a person acts. A loss passes by itself where it leads to a floor. */
export function isFinal(state: StoredState, onDataLoss: 'floor' | 'refuse'): boolean {
  return state === 'refused' || state === 'closed' || (state === 'lost' && onDataLoss === 'refuse')
}
