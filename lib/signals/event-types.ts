import { AuthError, invalidToken } from '../core/verdicts/errors.js'
import { ownClaim, presentClaim, type Claims } from '../tokens/jwt/claims.js'

/** What an event calls for. */
export type SignalAction = 'revoke' | 'ignore'

type Decision = (payload: Claims) => SignalAction

interface EventRow {
  /** Members that its standard requires. */
  readonly needs?: readonly string[]
  /** What becomes of its subject, unless the app decides otherwise. @default ignore */
  readonly action?: SignalAction | Decision
}

const REVOKE: EventRow = { action: 'revoke' }
const IGNORE: EventRow = {}

const revokeWhere = (name: string, ...values: readonly string[]): Decision => {
  return (payload) =>
    values.some((value) => ownClaim(payload, name) === value) ? 'revoke' : 'ignore'
}

/** CAEP 1.0 §3. */
const CAEP: Readonly<Record<string, EventRow>> = {
  'session-revoked': REVOKE,
  'token-claims-change': { needs: ['claims'], action: 'revoke' },
  'credential-change': {
    needs: ['credential_type', 'change_type'],
    action: revokeWhere('change_type', 'update', 'revoke', 'delete'),
  },
  'assurance-level-change': {
    needs: ['namespace', 'current_level'],
    action: revokeWhere('change_direction', 'decrease'),
  },
  'device-compliance-change': {
    needs: ['previous_status', 'current_status'],
    action: revokeWhere('current_status', 'not-compliant'),
  },
  'session-established': IGNORE,
  'session-presented': IGNORE,
  'risk-level-change': { needs: ['principal', 'current_level'] },
}

/** RISC 1.0 §2. An account that is enabled again gets new tokens; old ones stay revoked. */
const RISC: Readonly<Record<string, EventRow>> = {
  'account-credential-change-required': REVOKE,
  'account-purged': REVOKE,
  'account-disabled': REVOKE,
  'account-enabled': IGNORE,
  'identifier-changed': REVOKE,
  'identifier-recycled': REVOKE,
  'credential-compromise': { needs: ['credential_type'], action: 'revoke' },
  'opt-in': IGNORE,
  'opt-out-initiated': IGNORE,
  'opt-out-cancelled': IGNORE,
  'opt-out-effective': IGNORE,
  'recovery-activated': IGNORE,
  'recovery-information-changed': IGNORE,
  'sessions-revoked': REVOKE,
  verification: IGNORE,
}

/** OAuth event types, as Google sends them. `token-revoked` names a refresh token, which we never see. */
const OAUTH: Readonly<Record<string, EventRow>> = {
  'tokens-revoked': REVOKE,
  'token-revoked': IGNORE,
}

const SSF: Readonly<Record<string, EventRow>> = {
  verification: IGNORE,
  'stream-updated': { needs: ['status'] },
}

const ROWS: ReadonlyMap<string, readonly [name: string, row: EventRow]> = new Map(
  Object.entries({ ssf: SSF, caep: CAEP, risc: RISC, oauth: OAUTH }).flatMap(([profile, rows]) =>
    Object.entries(rows).map(([name, row]) => {
      const type = `https://schemas.openid.net/secevent/${profile}/event-type/${name}`
      return [type, [name, row]] as const
    }),
  ),
)

export interface JudgedType {
  /** The last part of its URI, or `other`. */
  readonly name: string
  readonly action: SignalAction
}

/** Reads an event by the rules of its type. One that we do not know calls for nothing, and is no fault. */
export function judgeType(type: string, payload: Claims): JudgedType | AuthError {
  const found = ROWS.get(type)
  if (found === undefined) return { name: 'other', action: 'ignore' }
  const [name, { needs = [], action = 'ignore' }] = found
  const lacking = needs.find((member) => presentClaim(payload, member) === undefined)
  if (lacking !== undefined) {
    return invalidToken('malformed_event', `The event ${name} has no "${lacking}"`)
  }
  return { name, action: typeof action === 'function' ? action(payload) : action }
}

/** The full name of an event, by its last part; undefined for none that we know. */
export function typeOf(name: string): string | undefined {
  return [...ROWS].find(([, [known]]) => known === name)?.[0]
}
