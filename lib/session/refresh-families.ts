import { systemClock } from '../core/clock.js'
import { digest, createEvents, type Events } from '../core/events/events.js'
import { optionCheck } from '../core/options/option-check.js'
import { requireStore } from '../revocation/asking/store-option.js'
import { startedUntil, type Family, type StoredFamily } from './family.js'
import {
  compileFamilyRules,
  FAMILY_OPTION_NAMES,
  type RefreshFamiliesOptions,
} from './family-options.js'
import type { FamilyStore } from './family-store.js'
import { createFamilyRevocations } from './family-revocations.js'
import { createFamilyTokens, newFamilyId, subjectTag, type FamilyId } from './family-token.js'

/** Whom a login is for. */
export interface FamilyStart {
  readonly subject: string
  readonly clientId: string
  /** `sid` of the access tokens of this login, new for each. */
  readonly sessionId: string
}

/** Which logins of a user end. */
export interface RevokedLogins {
  readonly exceptSession?: string | undefined
  readonly startedBefore?: number | undefined
}

/** Why a refresh token is refused: always `invalid_grant` to the client (RFC 6749 §5.2). */
export type FamilyRefusal =
  'malformed' | 'unknown' | 'expired' | 'revoked' | 'reused' | 'wrong_client' | 'rolled_back'

export type FamilyRotation =
  | {
      /** `again`: somebody who holds the same token was faster, and gets the same successor. */
      readonly outcome: 'rotated' | 'again'
      readonly token: string
      readonly family: Family
    }
  | { readonly outcome: 'refused'; readonly reason: FamilyRefusal }

export interface RefreshFamilies {
  /** As it was given. */
  readonly issuer: string
  /** Begins a family at login; resolves with its first refresh token. */
  start(login: FamilyStart): Promise<{ readonly token: string; readonly family: Family }>
  /**
   * Takes a refresh token and gives its successor. A token that was used before ends its family, and
   * with it the access tokens of that session (RFC 9700 §4.14.2).
   *
   * @throws AuthError `temporarily_unavailable`, as a rejection: nothing has ended, try again.
   */
  rotate(token: string, by: { readonly clientId: string }): Promise<FamilyRotation>
  /**
   * Ends the family of a token and its access tokens (RFC 7009 §2.1). Unknown tokens are no error; a
   * family that this store does not know is told to the denylist all the same.
   */
  revoke(token: string): Promise<void>
  /**
   * Ends all families and access tokens of a user: log out everywhere, or everywhere but here. With
   * `startedBefore`, in seconds, only logins up to then, with all that they were given since.
   */
  revokeSubject(user: { readonly subject: string }, options?: RevokedLogins): Promise<void>
  /** The logins of a user that are still good, the oldest first: for a page that lists them. */
  list(user: { readonly subject: string }): Promise<readonly Family[]>
}

/**
 * Refresh tokens that change at each use, with detection of reuse, for an app that gives out its own
 * (RFC 9700 §4.14). Tokens are not stored: each is made of its family and its number, and a secret.
 *
 * @example
 * const families = refreshFamilies(redisFamilyStore({ redis }), { issuer, secrets, revocations })
 * const { token } = await families.start({ subject, clientId, sessionId })
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 */
export function refreshFamilies(
  store: FamilyStore,
  options: RefreshFamiliesOptions,
): RefreshFamilies {
  const check = optionCheck('refreshFamilies')
  check.known(options, FAMILY_OPTION_NAMES)
  const issuer = check.string('issuer', options.issuer)
  requireStore(check, options.revocations)
  check.optionalFunction('onEvent', options.onEvent)
  const tokens = createFamilyTokens(check, options.secrets, issuer)
  const rules = compileFamilyRules(check, options)
  const { idleMs, absoluteMs } = rules
  const events = createEvents(options.onEvent)
  const revocations = createFamilyRevocations(options.revocations, issuer)

  const shown = (family: StoredFamily): Family => shownAs(issuer, family)

  /** Before a successor is given out: the denylist knows what the store may have forgotten. */
  async function judgeByDenylist(id: FamilyId, family: StoredFamily): Promise<boolean> {
    const revoked = await revocations.isRevoked(id, family, idleMs)
    if (revoked) await store.end(id, 'ended')
    return revoked
  }

  /** The access tokens first: should the denylist not answer, the next use of any token tries again. */
  async function endReused(id: FamilyId, family: StoredFamily): Promise<void> {
    await revocations.revokeSession(family)
    await store.end(id, 'ended')
  }

  /** By the denylist alone, which is asked at each rotation: later logins of the user go on. */
  async function endEarlier(
    subject: string,
    startedBefore: number,
    exceptSession: string | undefined,
  ): Promise<void> {
    const families = await store.list(subjectTag(issuer, subject))
    for (const family of startedUntil(families, startedBefore)) {
      if (family.sessionId !== exceptSession) await revocations.revokeSession(family)
    }
  }

  return {
    issuer,
    async start({ subject, clientId, sessionId }) {
      const given = { subject, clientId, sessionId }
      for (const [name, value] of Object.entries(given)) requireName('start', name, value)
      const id = newFamilyId(issuer, subject)
      const family = await store.start(id, given, rules)
      return { token: tokens.format(id, family.count), family: shown(family) }
    },
    async rotate(token, { clientId }) {
      requireText('rotate', 'clientId', clientId)
      const parsed = typeof token === 'string' ? tokens.parse(token) : undefined
      if (parsed === undefined) return refused('malformed')
      const { family: id, count } = parsed
      const known = await store.find(id)
      if (known === undefined) return refused('unknown')
      if (known.state === 'live' && (await judgeByDenylist(id, known))) return refused('revoked')
      const rotated = await store.rotate(id, { count, clientId }, rules)
      if (rotated === undefined) return refused('unknown')
      const { rotation, family } = rotated
      switch (rotation) {
        case 'rotated':
        case 'again':
          return {
            outcome: rotation,
            token: tokens.format(id, family.count),
            family: shown(family),
          }
        case 'reused':
        case 'ahead': {
          if (known.state === 'live') tell(events, rotation, shown(family))
          await endReused(id, family)
          return refused(rotation === 'ahead' ? 'rolled_back' : 'reused')
        }
        case 'ended':
          return refused('revoked')
        case 'expired':
        case 'wrong_client':
          return refused(rotation)
      }
    },
    async revoke(token) {
      const parsed = typeof token === 'string' ? tokens.parse(token) : undefined
      if (parsed === undefined) return
      const family = await store.end(parsed.family, 'reused')
      if (family !== undefined) return endReused(parsed.family, family)
      // On the wrong side of a split brain it is unknown, and lives on the other.
      await revocations.revokeFamily(parsed.family, systemClock() + absoluteMs / 1000)
    },
    async revokeSubject({ subject }, { exceptSession, startedBefore } = {}) {
      requireText('revokeSubject', 'subject', subject)
      if (startedBefore !== undefined) {
        await endEarlier(subject, startedBefore, exceptSession)
        return
      }
      await store.endSubject(subjectTag(issuer, subject), exceptSession)
      await revocations.revokeSubject(subject, exceptSession)
    },
    async list({ subject }) {
      requireText('list', 'subject', subject)
      return (await store.list(subjectTag(issuer, subject))).map(shown)
    },
  }
}

function shownAs(issuer: string, { subject, clientId, sessionId, ...times }: StoredFamily): Family {
  return {
    issuer,
    subject,
    clientId,
    sessionId,
    startedAt: times.startedAtMs / 1000,
    rotatedAt: times.rotatedAtMs / 1000,
    expiresAt: times.expiresAtMs / 1000,
  }
}

function tell(
  events: Events,
  rotation: 'reused' | 'ahead',
  { issuer, clientId, subject, sessionId }: Family,
): void {
  if (!events.active) return
  events.emit({
    name: rotation === 'ahead' ? 'family.rolled_back' : 'family.reused',
    issuer,
    clientId,
    subjectDigest: digest(subject),
    sessionIdDigest: digest(sessionId),
  })
}

function refused(reason: FamilyRefusal): FamilyRotation {
  return { outcome: 'refused', reason }
}

/** Each script of the store in Redis reads all names of a user. */
const MAX_NAME_CHARS = 8192

function requireName(method: string, name: string, value: string): void {
  requireText(method, name, value)
  if (value.length <= MAX_NAME_CHARS) return
  throw new TypeError(
    `refreshFamilies.${method}: "${name}" must be of ${MAX_NAME_CHARS} characters at most`,
  )
}

function requireText(method: string, name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return
  throw new TypeError(`refreshFamilies.${method}: "${name}" must be a non-empty string`)
}
