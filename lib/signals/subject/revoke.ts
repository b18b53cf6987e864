import type { OptionCheck } from '../../core/options/option-check.js'
import { digest } from '../../core/events/events.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { attempt } from '../../core/verdicts/outcome.js'
import { storeOutage } from '../../revocation/asking/outage.js'
import type { RevocationStore } from '../../revocation/store.js'
import type { IssuerNames } from '../../tokens/issuers/policy/names.js'
import { subjectIssuersOf, type SubjectOptions } from './resolve.js'
import type { Target } from './target.js'

/** Refresh-token families, as `refreshFamilies()` makes them. */
export interface SubjectFamilies {
  /** Whose users they are of; only theirs end. @default whatever the issuer of a user is */
  readonly issuer?: string
  /** @param logins Only those up to `startedBefore`, in seconds, where an event has a time. */
  revokeSubject(
    user: { readonly subject: string },
    logins?: { readonly startedBefore?: number },
  ): Promise<unknown>
}

export interface Revoker {
  readonly store: RevocationStore
  readonly families: SubjectFamilies | undefined
}

/**
 * Revokes all of these, and resolves once all are stored. What of it was stored before an outage is
 * stored again by the next attempt, which changes nothing.
 *
 * @param issuedBefore In seconds; undefined for all that was issued so far.
 */
export function revokeTargets(
  { store, families }: Revoker,
  targets: readonly Target[],
  issuedBefore: number | undefined,
): Promise<AuthError | undefined> {
  const until = issuedBefore === undefined ? {} : { issuedBefore }
  const logins = issuedBefore === undefined ? {} : { startedBefore: issuedBefore }
  const one = async (target: Target): Promise<void> => {
    const { issuer } = target
    if (target.kind === 'token') {
      const { tokenId } = target
      // Its end is not told: it is remembered as long as any token may live.
      await store.revokeToken({ issuer, tokenId, expiresAt: Number.MAX_SAFE_INTEGER })
    } else if (target.kind === 'session') {
      const { sessionId, subject } = target
      // A session of a family is one login, and never another: tokens that it got since end as well.
      const all = families?.issuer === issuer ? {} : until
      await store.revokeSession({ issuer, sessionId, subject }, all)
    } else {
      const { subject } = target
      // Another issuer may have given the same `sub` to somebody else.
      if ((families?.issuer ?? issuer) === issuer)
        await families?.revokeSubject({ subject }, logins)
      await store.revokeSubject({ issuer, subject }, until)
    }
  }
  return attempt(
    async () => {
      for (const target of targets) await one(target)
      return undefined
    },
    (cause) => storeOutage('revocation_not_stored', cause),
  )
}

/**
 * @param sender Undefined where each request tells.
 * @throws TypeError for what are no families, and for those that no subject could ever be of.
 */
export function requireFamilies(
  check: OptionCheck,
  options: SubjectOptions & { readonly families?: SubjectFamilies | undefined },
  sender: IssuerNames | undefined,
): void {
  const { families, resolveSubject, subjectIssuers } = options
  if (families === undefined) return
  if (typeof families.revokeSubject !== 'function') {
    check.refuse('families', 'be refreshFamilies()', families)
  }
  const { issuer } = families
  const isOpen = sender === undefined && subjectIssuers === undefined
  if (issuer === undefined || resolveSubject !== undefined || isOpen) return
  const issuers = [...subjectIssuersOf(check, subjectIssuers, sender ?? new Map()).values()]
  if (issuers.includes(issuer)) return
  const must = 'be of an issuer of "subjectIssuers", unless "resolveSubject" finds its users'
  check.refuse('families', must, issuer)
}

/** Stand-ins for events: of the first user and the first session. */
export function digestsOf(targets: readonly Target[]): {
  readonly subjectDigest: string | undefined
  readonly sessionIdDigest: string | undefined
} {
  const subject = targets.find((target) => target.kind === 'user')?.subject
  const session = targets.find((target) => target.kind === 'session')
  const user = subject ?? session?.subject
  return {
    subjectDigest: user === undefined ? undefined : digest(user),
    sessionIdDigest: session === undefined ? undefined : digest(session.sessionId),
  }
}
