import { isRecord } from '../../core/values.js'
import { AuthError } from '../../core/verdicts/errors.js'
import type { IssuerNames } from '../../tokens/issuers/policy/names.js'
import type { SubjectIdentifier } from './subject.js'

/** A user, or one session of theirs, by the names that access tokens have for them. */
export interface SignalTarget {
  /** `iss` of the access tokens. @default the first of `subjectIssuers` */
  readonly issuer?: string | undefined
  /** `sub` */
  readonly subject?: string | undefined
  /** `sid`. Where it is there, that session alone ends. */
  readonly sessionId?: string | undefined
}

/** One thing that a store can revoke. */
export type Target =
  | { readonly kind: 'user'; readonly issuer: string; readonly subject: string }
  | {
      readonly kind: 'session'
      readonly issuer: string
      readonly sessionId: string
      readonly subject: string | undefined
    }
  | { readonly kind: 'token'; readonly issuer: string; readonly tokenId: string }

type User = Extract<Target, { readonly kind: 'user' }>

/** The user that an identifier names by `sub`. */
export function knownUser(
  identifier: SubjectIdentifier,
  names: IssuerNames,
  first: string,
): User | undefined {
  if (identifier.format === 'iss_sub') {
    const issuer = names.get(identifier.iss) ?? identifier.iss
    return { kind: 'user', issuer, subject: identifier.sub }
  }
  if (identifier.format !== 'opaque') return undefined
  return { kind: 'user', issuer: first, subject: identifier.id }
}

/** The session that it may be instead. */
export function sessionOf(
  identifier: SubjectIdentifier,
  names: IssuerNames,
  first: string,
): readonly Target[] {
  const known = knownUser(identifier, names, first)
  if (known === undefined) return []
  const { issuer, subject: sessionId } = known
  return [{ kind: 'session', issuer, sessionId, subject: undefined }]
}

export function told(known: User | undefined): SignalTarget | undefined {
  return known && { issuer: known.issuer, subject: known.subject }
}

/** What the app answered is read as it is: a user without a name would revoke nothing, and be acknowledged. */
export function targetsOf(
  answer: unknown,
  names: IssuerNames,
  first: string,
): readonly Target[] | AuthError {
  const list: readonly unknown[] = Array.isArray(answer) ? answer : [answer]
  const targets: Target[] = []
  for (const item of list) {
    const target = isRecord(item) ? targetOf(item, names, first) : undefined
    if (target === undefined) {
      return undecided('resolveSubject must return { subject } or { sessionId }, or undefined')
    }
    targets.push(target)
  }
  return targets
}

function targetOf(
  answer: Readonly<Record<string, unknown>>,
  names: IssuerNames,
  first: string,
): Target | undefined {
  const { issuer = first, subject, sessionId } = answer
  if (typeof issuer !== 'string' || issuer === '') return undefined
  const named = names.get(issuer) ?? issuer
  const user = typeof subject === 'string' && subject !== '' ? subject : undefined
  if (subject !== undefined && user === undefined) return undefined
  if (typeof sessionId === 'string' && sessionId !== '') {
    return { kind: 'session', issuer: named, sessionId, subject: user }
  }
  if (sessionId !== undefined || user === undefined) return undefined
  return { kind: 'user', issuer: named, subject: user }
}

/** A function of the app cannot tell, or tells what makes no sense. */
export function undecided(detail: string, cause?: unknown): AuthError {
  return new AuthError('temporarily_unavailable', { reason: 'signal_undecided', detail, cause })
}
