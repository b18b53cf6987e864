import type { Clock } from '../core/clock.js'
import { createMark, latest, mergeMarks, type Mark } from './facts.js'
import { issuerName, type NamedIssuer } from './issuer-name.js'
import type { Lifetimes } from './lifetimes.js'
import type { RevocationReceipt, RevocationStore } from './store.js'

/** One thing to remember. */
export interface Revocation {
  readonly kind: 'token' | 'session' | 'subject' | 'client' | 'version' | 'all'
  /** Undefined for all issuers together. */
  readonly issuer: string | undefined
  /** Empty for `all`. */
  readonly id: string
  readonly value: RevocationValue
  /** Second after which it concerns no valid token. */
  readonly until: number
  /** Second until which it is kept. */
  readonly keptUntil: number
  /** Where it counts against what its user may fill of the store. */
  readonly share?: Share | undefined
}

/** The mark in place of an entry whose user has had their share of the store. */
export interface Share {
  /** Stored in its place. It revokes the token, or what the session holds, and more. */
  readonly mark: Revocation
  /** Longer than an entry of this kind is needed, so that few outlive the count that they are in. */
  readonly windowSeconds: number
}

/** That it is revoked; up to which second or version; or a second for each session. */
export type RevocationValue = true | number | Mark

export interface Stored {
  /** Counts the revocations that changed something, this one included if it did. */
  readonly sequence: number
  /** Whether the mark of its share was stored in its place. */
  readonly asMark: boolean
}

export interface RevocationSink {
  /** Resolves once the revocation is stored. */
  readonly write: (revocation: Revocation) => Promise<Stored>
  /** Sequence of the last one. */
  readonly sequence: () => number
}

type RevokeMethods = Pick<
  RevocationStore,
  | 'revokeToken'
  | 'revokeSession'
  | 'revokeSubject'
  | 'revokeClient'
  | 'revokeAll'
  | 'requireTokenVersion'
>

/**
 * What every store makes of a call. Arguments are checked, because a revocation of "undefined" or
 * until NaN would be confirmed and revoke nothing.
 */
export function revokeMethods(
  lifetimes: Lifetimes,
  clock: Clock,
  { write, sequence }: RevocationSink,
): RevokeMethods {
  function mark(
    target: Target,
    issuedBefore: number | undefined,
    valueAt: (second: number) => RevocationValue = (second) => second,
  ): MarkToStore {
    const now = clock()
    const notBefore = lifetimes.notBefore(target.issuer, now, issuedBefore)
    const until = lifetimes.markUntil(notBefore, now)
    const keptUntil = lifetimes.keptUntil(until, now)
    return { notBefore, revocation: { ...target, value: valueAt(notBefore), until, keptUntil } }
  }

  async function storeMark({ revocation, notBefore }: MarkToStore): Promise<RevocationReceipt> {
    return { sequence: (await write(revocation)).sequence, notBefore }
  }

  /** Something of which a user can have as many as they like, where it is known whose it is. */
  async function storeEntry(
    { kind, issuer, id: entryId, until, longestUntil }: EntryToStore,
    subject: string | undefined,
    issuedBefore: number | undefined,
  ): Promise<RevocationReceipt> {
    const now = clock()
    const keptUntil = lifetimes.keptUntil(until, now)
    const revocation: Revocation = { kind, issuer, id: entryId, value: true, until, keptUntil }
    if (subject === undefined) return { sequence: (await write(revocation)).sequence }
    const user = { kind: 'subject', issuer, id: id({ subject }) } as const
    const instead = mark(user, issuedBefore, createMark)
    const windowSeconds = lifetimes.keptUntil(longestUntil, now) - now
    const share = { mark: instead.revocation, windowSeconds }
    const stored = await write({ ...revocation, share })
    const { notBefore } = instead
    return { sequence: stored.sequence, ...(stored.asMark ? { notBefore } : {}) }
  }

  return {
    async revokeToken({ tokenId, expiresAt, subject, issuedAt, ...issuer }) {
      const target = { kind: 'token', issuer: nameOf(issuer), id: id({ tokenId }) } as const
      const now = clock()
      const until = lifetimes.tokenUntil(number({ expiresAt }), now)
      // Past its `exp` for every guard: there is nothing to remember.
      if (until <= now) return { sequence: sequence() }
      const longestUntil = lifetimes.tokenUntil(Number.POSITIVE_INFINITY, now)
      return storeEntry({ ...target, until, longestUntil }, subject, issuedAt)
    },
    async revokeSession({ sessionId, subject, ...issuer }, { issuedBefore } = {}) {
      const target = { kind: 'session', issuer: nameOf(issuer), id: id({ sessionId }) } as const
      const until = lifetimes.sessionUntil(clock())
      return storeEntry({ ...target, until, longestUntil: until }, subject, issuedBefore)
    },
    async revokeSubject({ subject, ...issuer }, { issuedBefore, exceptSessions = [] } = {}) {
      const target = { kind: 'subject', issuer: nameOf(issuer), id: id({ subject }) } as const
      const sessions = exceptSessions.map((sessionId) => id({ sessionId }))
      return storeMark(mark(target, issuedBefore, (second) => createMark(second, sessions)))
    },
    async revokeClient({ clientId, ...issuer }, { issuedBefore } = {}) {
      const target = { kind: 'client', issuer: nameOf(issuer), id: id({ clientId }) } as const
      return storeMark(mark(target, issuedBefore))
    },
    async revokeAll({ issuer, revocationIssuer = issuer, issuedBefore } = {}) {
      const one = revocationIssuer === undefined ? undefined : id({ issuer: revocationIssuer })
      return storeMark(mark({ kind: 'all', issuer: one, id: '' }, issuedBefore))
    },
    async requireTokenVersion({ subject, ...issuer }, minimum) {
      const target = { kind: 'version', issuer: nameOf(issuer), id: id({ subject }) } as const
      const now = clock()
      const until = lifetimes.markUntil(now, now)
      const keptUntil = lifetimes.keptUntil(until, now)
      const value = number({ minimum })
      return { sequence: (await write({ ...target, value, until, keptUntil })).sequence }
    },
  }
}

type Target = Pick<Revocation, 'kind' | 'issuer' | 'id'>

interface MarkToStore {
  readonly revocation: Revocation
  readonly notBefore: number
}

interface EntryToStore extends Target {
  readonly until: number
  /** Of any entry of its kind. */
  readonly longestUntil: number
}

/** Both in one, and never less than either. Values of one target are of one type. */
export function mergeValues(a: RevocationValue, b: RevocationValue): RevocationValue {
  if (typeof a === 'object' && typeof b === 'object') return mergeMarks(a, b)
  if (typeof a === 'number' && typeof b === 'number') return latest(a, b) ?? b
  return b
}

/** Whether two values say the same. */
export function isSameValue(a: RevocationValue, b: RevocationValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  const sameSessions =
    a.sessions.size === b.sessions.size &&
    [...a.sessions].every(([session, second]) => b.sessions.get(session) === second)
  return a.notBefore === b.notBefore && sameSessions
}

function nameOf(issuer: NamedIssuer): string {
  return id({ issuer: issuerName(issuer) })
}

/** The name of the argument comes with it, for the complaint. */
function id(argument: Readonly<Record<string, string>>): string {
  const [[name, value] = ['id', undefined]] = Object.entries(argument)
  if (typeof value === 'string') return value
  throw new TypeError(`"${name}" of a revocation must be a string, got ${typeof value}`)
}

function number(argument: Readonly<Record<string, number>>): number {
  const [[name, value] = ['number', undefined]] = Object.entries(argument)
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value
  throw new TypeError(`"${name}" of a revocation must be a number, got ${String(value)}`)
}
