import type { JudgedToken, RevocationVerdict } from './store.js'

/**
 * "Revoked up to this second", with sessions that keep a mark of their own. As a function from
 * session to second, two marks merge by their maximum, point by point: that loses nothing,
 * whatever the order in which revocations arrive.
 */
export interface Mark {
  readonly notBefore: number
  /** Sessions judged by another second than `notBefore`, always an earlier one. */
  readonly sessions: ReadonlyMap<string, number>
}

/** Everything a store knows that could concern one token. */
export interface RevocationFacts {
  readonly token?: boolean | undefined
  readonly session?: boolean | undefined
  readonly subject?: Mark | undefined
  readonly client?: number | undefined
  /** Least acceptable version. */
  readonly version?: number | undefined
  readonly issuer?: number | undefined
  readonly all?: number | undefined
  /** Set when a store lost what it knew: older tokens may have been revoked in it. */
  readonly floor?: number | undefined
}

/** Frozen, because a store around ours may change a verdict: it would be changed for every token. */
const NOT_REVOKED: RevocationVerdict = Object.freeze({ revoked: false })

/**
 * The one rule, for every store and mode. Each fact is judged on its own and one is enough: rules
 * that let a finer mark replace a coarser one have un-revoked tokens elsewhere.
 */
export function isRevoked(token: JudgedToken, facts: RevocationFacts): RevocationVerdict {
  if (facts.token === true) return { revoked: true, by: 'token' }
  if (facts.session === true) return { revoked: true, by: 'session' }
  if (isBefore(token, secondFor(facts.subject, token.sessionId))) {
    return { revoked: true, by: 'subject' }
  }
  if (isBefore(token, facts.client)) return { revoked: true, by: 'client' }
  if (
    facts.version !== undefined &&
    !(token.version !== undefined && token.version >= facts.version)
  ) {
    return { revoked: true, by: 'version' }
  }
  if (isBefore(token, facts.issuer)) return { revoked: true, by: 'issuer' }
  if (isBefore(token, facts.all)) return { revoked: true, by: 'all' }
  if (isBefore(token, facts.floor)) return { revoked: true, by: 'floor' }
  return NOT_REVOKED
}

/** A token without `iat` may be as old as any mark. Equal seconds are revoked. */
function isBefore({ issuedAt }: JudgedToken, notBefore: number | undefined): boolean {
  if (notBefore === undefined) return false
  return issuedAt === undefined || !(issuedAt > notBefore)
}

function secondFor(mark: Mark | undefined, sessionId: string | undefined): number | undefined {
  if (mark === undefined) return undefined
  const own = sessionId === undefined ? undefined : mark.sessions.get(sessionId)
  if (own === undefined) return mark.notBefore
  return own === Number.NEGATIVE_INFINITY ? undefined : own
}

/** A mark that spares some sessions altogether. */
export function createMark(notBefore: number, exceptSessions: readonly string[] = []): Mark {
  return {
    notBefore,
    sessions: new Map(exceptSessions.map((session) => [session, Number.NEGATIVE_INFINITY])),
  }
}

/** Both marks in one: commutative, associative, idempotent, and never less than either. */
export function mergeMarks(a: Mark, b: Mark): Mark {
  const notBefore = Math.max(a.notBefore, b.notBefore)
  const sessions = new Map<string, number>()
  for (const session of [...a.sessions.keys(), ...b.sessions.keys()]) {
    const own = Math.max(
      a.sessions.get(session) ?? a.notBefore,
      b.sessions.get(session) ?? b.notBefore,
    )
    if (own < notBefore) sessions.set(session, own)
  }
  return { notBefore, sessions }
}

/** All that either knows. */
export function mergeFacts(a: RevocationFacts, b: RevocationFacts): RevocationFacts {
  return {
    token: a.token === true || b.token === true,
    session: a.session === true || b.session === true,
    subject:
      a.subject === undefined || b.subject === undefined
        ? (a.subject ?? b.subject)
        : mergeMarks(a.subject, b.subject),
    client: latest(a.client, b.client),
    version: latest(a.version, b.version),
    issuer: latest(a.issuer, b.issuer),
    all: latest(a.all, b.all),
    floor: latest(a.floor, b.floor),
  }
}

export function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)
}
