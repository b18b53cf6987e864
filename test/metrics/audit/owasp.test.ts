import { describe, expect, it } from '@jest/globals'
import type { AuthEvent } from '../../../lib/core/events/events.js'
import { AuthError, invalidToken, type AuthErrorReason } from '../../../lib/core/verdicts/errors.js'
import { refusalEvent } from '../../../lib/core/events/events.js'
import { auditRow } from '../../../lib/metrics/audit/owasp.js'

const rowOf = (event: AuthEvent | object): string => {
  const { owasp, level } = auditRow(event as AuthEvent)
  return `${owasp} ${level}`
}
const refused = (error: AuthError): string => rowOf(refusalEvent('requireBearer', error))

describe('a refusal', () => {
  it.each<[AuthErrorReason, string]>([
    ['expired', 'session_use_after_expire info'],
    ['inactive_token', 'session_use_after_expire info'],
    ['revoked', 'authn_token_reuse warn'],
    ['before_floor', 'authn_token_reuse info'],
    ['bound_token', 'authn_token_reuse warn'],
    ['wrong_key', 'authn_token_reuse warn'],
    ['wrong_certificate', 'authn_token_reuse warn'],
    ['replayed_proof', 'authn_token_reuse warn'],
    ['nonce_needed', 'authn_login_fail debug'],
    ['bad_signature', 'authn_login_fail info'],
  ])('for %s is %s', (reason, expected) => {
    expect(refused(invalidToken(reason, 'x'))).toBe(expected)
  })

  it.each([
    ['invalid_request', 'malformed_request', 'input_validation_fail info'],
    ['insufficient_scope', 'scope_missing', 'authz_fail info'],
    ['insufficient_user_authentication', 'step_up_needed', 'authz_fail info'],
    ['too_many_requests', 'too_many_bad_tokens', 'excess_rate_limit_exceeded warn'],
    ['csrf_origin_mismatch', 'csrf', 'malicious_cors warn'],
    ['invalid_token', 'of an app', 'authn_login_fail info'],
  ])('with %s (%s) is %s', (code, reason, expected) => {
    const event = { name: 'request.refused', family: 'credential', code, reason }
    expect(rowOf(event)).toBe(expected)
  })

  it('that says nothing of the client is an outage, whatever its reason', () => {
    const event = { name: 'request.refused', family: 'dependency', code: 'x', reason: 'revoked' }
    expect(rowOf(event)).toBe('sys_monitor_disabled warn')
  })
})

describe('an event', () => {
  it.each<[object, string]>([
    [{ name: 'revocation.state', state: 'ready' }, 'sys_monitor_enabled info'],
    [{ name: 'revocation.state', state: 'verifying' }, 'sys_monitor_enabled info'],
    [{ name: 'revocation.state', state: 'closed' }, 'sys_monitor_enabled info'],
    [{ name: 'revocation.state', state: 'unreachable' }, 'sys_monitor_disabled error'],
    [{ name: 'signal.stream', status: 'enabled' }, 'sys_monitor_enabled info'],
    [{ name: 'signal.stream', status: 'paused' }, 'sys_monitor_disabled error'],
    [{ name: 'anomaly.detected', rule: 'brute_force' }, 'authn_login_fail_max warn'],
    [{ name: 'anomaly.detected', rule: 'token_spread' }, 'authn_impossible_travel warn'],
    [{ name: 'anomaly.detected', rule: 'scope_probing' }, 'authz_fail warn'],
    [{ name: 'anomaly.detected', rule: 'key_outage' }, 'sys_monitor_disabled error'],
    [{ name: 'anomaly.detected', rule: 'family_reused' }, 'authn_token_reuse warn'],
    [{ name: 'bearer.accepted' }, 'authn_login_success debug'],
    [{ name: 'family.reused' }, 'authn_token_reuse warn'],
    [{ name: 'family.rolled_back' }, 'sequence_fail warn'],
    [{ name: 'keys.compromised' }, 'authn_token_revoked error'],
    [{ name: 'keys.stale' }, 'sys_monitor_disabled error'],
    [{ name: 'keys.failed' }, 'sys_monitor_disabled warn'],
    [{ name: 'csrf.reported' }, 'malicious_cors info'],
    [{ name: 'csrf.exempt' }, 'sys_monitor_disabled debug'],
    [{ name: 'token.revoked' }, 'authn_token_revoked info'],
    [{ name: 'session.started' }, 'session_created info'],
    [{ name: 'session.refreshed' }, 'session_renewed info'],
    [{ name: 'session.ended' }, 'session_expired info'],
    [{ name: 'of a later version' }, 'sys_monitor_enabled info'],
  ])('%j is %s', (event, expected) => {
    expect(rowOf(event)).toBe(expected)
  })
})
