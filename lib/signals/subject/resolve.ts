import { withDeadline } from '../../core/deadline.js'
import type { Timer } from '../../core/clock.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { messageOf } from '../../core/values.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { attempt } from '../../core/verdicts/outcome.js'
import { issuerNames, type IssuerNames } from '../../tokens/issuers/policy/names.js'
import type { Subject, SubjectIdentifier } from './subject.js'
import {
  knownUser,
  sessionOf,
  targetsOf,
  told,
  undecided,
  type SignalTarget,
  type Target,
} from './target.js'

/** Finds who is meant. */
export type ResolveSubject = (
  identifier: SubjectIdentifier,
  known: SignalTarget | undefined,
) =>
  | SignalTarget
  | readonly SignalTarget[]
  | undefined
  | Promise<SignalTarget | readonly SignalTarget[] | undefined>

export interface SubjectOptions {
  /**
   * Issuers whose users, sessions and tokens this sender may revoke, with all spellings, as `issuer` of
   * `requireBearer`. The first is that of subjects which name none.
   *
   * A subject of another one is refused.
   *
   * @default the sender itself
   */
  readonly subjectIssuers?: string | readonly string[] | readonly (readonly string[])[] | undefined
  /**
   * Finds who an identifier means, such as the user with that email, or undefined for nobody; `known` is
   * whom we would take it for. What it throws, or takes longer than 5 seconds for, is an outage (503).
   *
   * It is called for each identifier that may name a user; `known` is there for `iss_sub` and `opaque`.
   *
   * @default `iss_sub` and `opaque` are users of that `sub`; nobody goes by an email
   */
  readonly resolveSubject?: ResolveSubject | undefined
}

/** What an identifier may name. */
type Role = 'user' | 'session' | 'either'

/** What the identifiers of one event stand for. */
export type SubjectResolver = (
  subject: Subject,
  /** An opaque identifier may be that of a session, too. */
  ofSession: boolean,
) => Promise<readonly Target[] | AuthError>

/** A function of the app that takes longer is down: the transmitter waits, and tries again. */
export const APP_DEADLINE_MS = 5000

export function createSubjectResolver(
  check: OptionCheck,
  { subjectIssuers, resolveSubject }: SubjectOptions,
  sender: IssuerNames,
  timer: Timer,
): SubjectResolver {
  check.optionalFunction('resolveSubject', resolveSubject)
  const names = subjectIssuersOf(check, subjectIssuers, sender)
  const [first = ''] = names.values()

  async function users(identifier: SubjectIdentifier): Promise<readonly Target[] | AuthError> {
    const known = knownUser(identifier, names, first)
    if (resolveSubject === undefined) return known === undefined ? [] : [known]
    const asked = (): Promise<unknown> =>
      withDeadline(Promise.resolve(resolveSubject(identifier, told(known))), APP_DEADLINE_MS, timer)
    const answer = await askApp('resolveSubject', asked)
    if (answer instanceof AuthError || answer === undefined) return answer ?? []
    return targetsOf(answer, names, first)
  }

  async function one(
    identifier: SubjectIdentifier,
    role: Role,
  ): Promise<readonly Target[] | AuthError> {
    if ('iss' in identifier && !names.has(identifier.iss)) return foreign(identifier.iss)
    if (identifier.format === 'jwt_id') {
      const issuer = names.get(identifier.iss) ?? identifier.iss
      return [{ kind: 'token', issuer, tokenId: identifier.jti }]
    }
    const session = role === 'user' ? [] : sessionOf(identifier, names, first)
    if (role === 'session') return session
    const found = await users(identifier)
    return found instanceof AuthError ? found : [...session, ...found]
  }

  /** They all mean one subject: whoever is found by one of them. Each is tried, in case it is another. */
  async function any(
    identifiers: readonly SubjectIdentifier[],
    role: Role,
  ): Promise<readonly Target[] | AuthError> {
    const found: Target[] = []
    let refusal: AuthError | undefined
    for (const identifier of identifiers) {
      const targets = await one(identifier, role)
      if (!(targets instanceof AuthError)) found.push(...targets)
      else if (targets.family === 'dependency') return targets
      else refusal = targets
    }
    return found.length === 0 && refusal !== undefined ? refusal : found
  }

  const simple = (
    subject: Exclude<Subject, { format: 'complex' }>,
    role: Role,
  ): Promise<readonly Target[] | AuthError> =>
    subject.format === 'aliases' ? any(subject.identifiers, role) : one(subject, role)

  return async (subject, ofSession) => {
    if (subject.format !== 'complex') return simple(subject, ofSession ? 'either' : 'user')
    const { user, session } = subject.members
    const people = isSimple(user) ? await simple(user, 'user') : []
    if (people instanceof AuthError) return people
    const sessions = isSimple(session) ? await simple(session, 'session') : []
    if (sessions instanceof AuthError || sessions.length === 0) {
      return sessions instanceof AuthError ? sessions : people
    }
    return sessions.map((target) => ofUser(target, people))
  }
}

export function subjectIssuersOf(
  check: OptionCheck,
  subjectIssuers: SubjectOptions['subjectIssuers'],
  sender: IssuerNames,
): IssuerNames {
  return subjectIssuers === undefined
    ? sender
    : issuerNames(check, subjectIssuers, 'subjectIssuers')
}

function isSimple(
  subject: Subject | undefined,
): subject is Exclude<Subject, { readonly format: 'complex' }> {
  return subject !== undefined && subject.format !== 'complex'
}

/** So that a session counts against the share of its user. */
function ofUser(target: Target, users: readonly Target[]): Target {
  const [user] = users
  if (target.kind !== 'session' || user?.kind !== 'user') return target
  return user.issuer === target.issuer ? { ...target, subject: user.subject } : target
}

/** Asks a function of the app that decides what is revoked. */
export function askApp<T>(name: string, call: () => Promise<T>): Promise<T | AuthError> {
  return attempt(call, (error) => undecided(`${name} failed: ${messageOf(error)}`, error))
}

function foreign(issuer: string): AuthError {
  return new AuthError('insufficient_scope', {
    reason: 'foreign_subject',
    detail: `The subject is of ${issuer}, which is none of "subjectIssuers"`,
  })
}
