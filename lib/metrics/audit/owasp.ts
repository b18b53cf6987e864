import type { AuthErrorReason } from '../../core/verdicts/errors.js'
import type { AuthEvent, RefusalEvent } from '../../core/events/events.js'

export type AuditLevel = 'debug' | 'info' | 'warn' | 'error'

/** How an event is called in the OWASP Logging Vocabulary, and how loudly it is told. */
export interface OwaspRow {
  readonly owasp: string
  readonly level: AuditLevel
}

const row = (owasp: string, level: AuditLevel): OwaspRow => ({ owasp, level })

/**
 * Events that are no refusals. The vocabulary has no name for a forged cross-site request: of its
 * names, `malicious_cors`, an illegal cross-origin request, says it.
 */
export const EVENT_ROWS: Readonly<Record<string, OwaspRow>> = {
  'bearer.accepted': row('authn_login_success', 'debug'),
  'token.revoked': row('authn_token_revoked', 'info'),
  'logout.received': row('session_expired', 'info'),
  'signal.received': row('session_expired', 'info'),
  'signal.stream': row('sys_monitor_disabled', 'error'),
  'signal.failed': row('sys_monitor_disabled', 'error'),
  'signal.recovered': row('sys_monitor_enabled', 'info'),
  'family.reused': row('authn_token_reuse', 'warn'),
  'family.rolled_back': row('sequence_fail', 'warn'),
  'session.started': row('session_created', 'info'),
  'session.refreshed': row('session_renewed', 'info'),
  'session.ended': row('session_expired', 'info'),
  'stream.ended': row('session_expired', 'info'),
  'keys.refreshed': row('sys_monitor_enabled', 'info'),
  'keys.recovered': row('sys_monitor_enabled', 'info'),
  'keys.ignored': row('sys_monitor_disabled', 'warn'),
  'keys.failed': row('sys_monitor_disabled', 'warn'),
  'keys.stale': row('sys_monitor_disabled', 'error'),
  'keys.compromised': row('authn_token_revoked', 'error'),
  'introspection.failed': row('sys_monitor_disabled', 'error'),
  'introspection.recovered': row('sys_monitor_enabled', 'info'),
  'revocation.state': row('sys_monitor_disabled', 'error'),
  'revocation.bypassed': row('sys_monitor_disabled', 'warn'),
  'ratelimit.degraded': row('sys_monitor_disabled', 'warn'),
  'ratelimit.recovered': row('sys_monitor_enabled', 'info'),
  'csrf.exempt': row('sys_monitor_disabled', 'debug'),
  'csrf.reported': row('malicious_cors', 'info'),
  'cors.rejected': row('malicious_cors', 'info'),
  'anomaly.detected': row('authn_token_reuse', 'warn'),
  'guard.misplaced': row('sys_monitor_disabled', 'error'),
}

/** Reasons that say more than their code does. */
const REASON_ROWS: Readonly<Partial<Record<AuthErrorReason, OwaspRow>>> = {
  expired: row('session_use_after_expire', 'info'),
  inactive_token: row('session_use_after_expire', 'info'),
  revoked: row('authn_token_reuse', 'warn'),
  before_floor: row('authn_token_reuse', 'info'),
  bound_token: row('authn_token_reuse', 'warn'),
  wrong_key: row('authn_token_reuse', 'warn'),
  wrong_certificate: row('authn_token_reuse', 'warn'),
  replayed_proof: row('authn_token_reuse', 'warn'),
  nonce_needed: row('authn_login_fail', 'debug'),
}

const CODE_ROWS: Readonly<Record<string, OwaspRow>> = {
  invalid_request: row('input_validation_fail', 'info'),
  insufficient_scope: row('authz_fail', 'info'),
  insufficient_user_authentication: row('authz_fail', 'info'),
  too_many_requests: row('excess_rate_limit_exceeded', 'warn'),
}

const ANOMALY_ROWS: Readonly<Record<string, OwaspRow>> = {
  brute_force: row('authn_login_fail_max', 'warn'),
  token_spread: row('authn_impossible_travel', 'warn'),
  scope_probing: row('authz_fail', 'warn'),
  key_outage: row('sys_monitor_disabled', 'error'),
}

const UNAVAILABLE = row('sys_monitor_disabled', 'warn')
const CROSS_SITE = row('malicious_cors', 'warn')
const REFUSED = row('authn_login_fail', 'info')
const BACK = row('sys_monitor_enabled', 'info')
const UNKNOWN = row('sys_monitor_enabled', 'info')

/** A refusal is never an error: clients send bad tokens all day long. */
export function auditRow(event: AuthEvent): OwaspRow {
  if (event.name === 'request.refused') return refusalRow(event)
  if (event.name === 'revocation.state' && isFine(event.state)) return BACK
  if (event.name === 'signal.stream' && event.status === 'enabled') return BACK
  const anomaly = event.name === 'anomaly.detected' ? ANOMALY_ROWS[event.rule] : undefined
  return anomaly ?? EVENT_ROWS[event.name] ?? UNKNOWN
}

function refusalRow({ family, code, reason }: RefusalEvent): OwaspRow {
  if (family === 'dependency') return UNAVAILABLE
  if (code.startsWith('csrf_')) return CROSS_SITE
  return REASON_ROWS[reason] ?? CODE_ROWS[code] ?? REFUSED
}

/** `verifying` and `closed` are on the way to or from somewhere, and wanted. */
function isFine(state: string): boolean {
  return state === 'ready' || state === 'verifying' || state === 'closed'
}
