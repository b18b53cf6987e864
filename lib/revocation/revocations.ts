import type { Clock } from '../core/clock.js'
import { createMark, latest, mergeMarks, type Mark } from './facts.js'
import { issuerName, type NamedIssuer } from './issuer-name.js'
import type { Lifetimes } from './lifetimes.js'
import type { RevocationStore } from './store.js'

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
}

/** That it is revoked; up to which second or version; or a second for each session. */
export type RevocationValue = true | number | Mark

export interface RevocationSink {
  /** Resolves with the sequence once the revocation is stored. */
  readonly write: (revocation: Revocation) => Promise<number>
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
  async function mark(
    target: Pick<Revocation, 'kind' | 'issuer' | 'id'>,
    issuedBefore: number | undefined,
    valueAt: (notBefore: number) => RevocationValue = (notBefore) => notBefore,
  ): Promise<{ sequence: number; notBefore: number }> {
    const now = clock()
    const notBefore = lifetimes.notBefore(now, issuedBefore)
    const until = lifetimes.markUntil(notBefore, now)
    return { sequence: await write({ ...target, value: valueAt(notBefore), until }), notBefore }
  }

  return {
    async revokeToken({ tokenId, expiresAt, ...issuer }) {
      const target = { kind: 'token', issuer: nameOf(issuer), id: id({ tokenId }) } as const
      const now = clock()
      const until = lifetimes.tokenUntil(number({ expiresAt }), now)
      // Past its `exp` for every guard: there is nothing to remember.
      if (until <= now) return { sequence: sequence() }
      return { sequence: await write({ ...target, value: true, until }) }
    },
    async revokeSession({ sessionId, ...issuer }) {
      const target = { kind: 'session', issuer: nameOf(issuer), id: id({ sessionId }) } as const
      const until = lifetimes.sessionUntil(clock())
      return { sequence: await write({ ...target, value: true, until }) }
    },
    async revokeSubject({ subject, ...issuer }, { issuedBefore, exceptSessions = [] } = {}) {
      const target = { kind: 'subject', issuer: nameOf(issuer), id: id({ subject }) } as const
      const sessions = exceptSessions.map((sessionId) => id({ sessionId }))
      return mark(target, issuedBefore, (notBefore) => createMark(notBefore, sessions))
    },
    async revokeClient({ clientId, ...issuer }, { issuedBefore } = {}) {
      const target = { kind: 'client', issuer: nameOf(issuer), id: id({ clientId }) } as const
      return mark(target, issuedBefore)
    },
    async revokeAll({ issuer, revocationIssuer = issuer, issuedBefore } = {}) {
      const one = revocationIssuer === undefined ? undefined : id({ issuer: revocationIssuer })
      return mark({ kind: 'all', issuer: one, id: '' }, issuedBefore)
    },
    async requireTokenVersion({ subject, ...issuer }, minimum) {
      const target = { kind: 'version', issuer: nameOf(issuer), id: id({ subject }) } as const
      const now = clock()
      const until = lifetimes.markUntil(now, now)
      return { sequence: await write({ ...target, value: number({ minimum }), until }) }
    },
  }
}

/** Both in one, and never less than either. Values of one target are of one type. */
export function mergeValues(a: RevocationValue, b: RevocationValue): RevocationValue {
  if (typeof a === 'object' && typeof b === 'object') return mergeMarks(a, b)
  if (typeof a === 'number' && typeof b === 'number') return latest(a, b) ?? b
  return b
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
