import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../lib/core/verdicts/errors.js'
import { judgeType, typeOf } from '../../lib/signals/event-types.js'

const uri = (profile: string, name: string): string =>
  `https://schemas.openid.net/secevent/${profile}/event-type/${name}`

describe('judgeType', () => {
  it.each<[string, string, object, string]>([
    ['caep', 'session-revoked', {}, 'revoke'],
    ['caep', 'token-claims-change', { claims: {} }, 'revoke'],
    ['caep', 'credential-change', { credential_type: 'x', change_type: 'update' }, 'revoke'],
    ['caep', 'credential-change', { credential_type: 'x', change_type: 'revoke' }, 'revoke'],
    ['caep', 'credential-change', { credential_type: 'x', change_type: 'delete' }, 'revoke'],
    ['caep', 'credential-change', { credential_type: 'x', change_type: 'create' }, 'ignore'],
    [
      'caep',
      'assurance-level-change',
      { namespace: 'n', current_level: '1', change_direction: 'decrease' },
      'revoke',
    ],
    [
      'caep',
      'assurance-level-change',
      { namespace: 'n', current_level: '2', change_direction: 'increase' },
      'ignore',
    ],
    // Without a direction, or the former level, nothing is known of a change (CAEP-09).
    ['caep', 'assurance-level-change', { namespace: 'n', current_level: '1' }, 'ignore'],
    [
      'caep',
      'device-compliance-change',
      { previous_status: 'compliant', current_status: 'not-compliant' },
      'revoke',
    ],
    [
      'caep',
      'device-compliance-change',
      { previous_status: 'not-compliant', current_status: 'compliant' },
      'ignore',
    ],
    ['caep', 'session-established', {}, 'ignore'],
    ['caep', 'session-presented', {}, 'ignore'],
    ['caep', 'risk-level-change', { principal: 'USER', current_level: 'HIGH' }, 'ignore'],
    ['risc', 'account-credential-change-required', {}, 'revoke'],
    ['risc', 'account-purged', {}, 'revoke'],
    ['risc', 'account-disabled', {}, 'revoke'],
    ['risc', 'account-enabled', {}, 'ignore'],
    ['risc', 'identifier-changed', {}, 'revoke'],
    ['risc', 'identifier-recycled', {}, 'revoke'],
    ['risc', 'credential-compromise', { credential_type: 'password' }, 'revoke'],
    ['risc', 'opt-in', {}, 'ignore'],
    ['risc', 'opt-out-initiated', {}, 'ignore'],
    ['risc', 'opt-out-cancelled', {}, 'ignore'],
    ['risc', 'opt-out-effective', {}, 'ignore'],
    ['risc', 'recovery-activated', {}, 'ignore'],
    ['risc', 'recovery-information-changed', {}, 'ignore'],
    ['risc', 'sessions-revoked', {}, 'revoke'],
    ['risc', 'verification', {}, 'ignore'],
    ['oauth', 'tokens-revoked', {}, 'revoke'],
    ['oauth', 'token-revoked', {}, 'ignore'],
    ['ssf', 'verification', {}, 'ignore'],
    ['ssf', 'stream-updated', { status: 'paused' }, 'ignore'],
  ])('%s %s with %j: %s', (profile, name, payload, action) => {
    expect(judgeType(uri(profile, name), payload as never)).toEqual({ name, action })
  })

  it.each([
    ['caep', 'token-claims-change', 'claims'],
    ['caep', 'credential-change', 'credential_type'],
    ['caep', 'credential-change', 'change_type'],
    ['caep', 'assurance-level-change', 'namespace'],
    ['caep', 'assurance-level-change', 'current_level'],
    ['caep', 'device-compliance-change', 'previous_status'],
    ['caep', 'device-compliance-change', 'current_status'],
    ['caep', 'risk-level-change', 'principal'],
    ['caep', 'risk-level-change', 'current_level'],
    ['risc', 'credential-compromise', 'credential_type'],
    ['ssf', 'stream-updated', 'status'],
  ])('%s %s is malformed without %s', (profile, name, lacking) => {
    const all = ['claims', 'credential_type', 'change_type', 'namespace', 'current_level']
    const more = ['previous_status', 'current_status', 'principal', 'status']
    const members = [...all, ...more].filter((member) => member !== lacking)
    const payload = Object.fromEntries(members.map((member) => [member, 'x']))
    const refusal = judgeType(uri(profile, name), payload)
    expect(refusal).toBeInstanceOf(AuthError)
    expect(refusal).toMatchObject({
      reason: 'malformed_event',
      detail: `The event ${name} has no "${lacking}"`,
    })
  })

  it.each([uri('caep', 'new-thing'), uri('risc', 'session-revoked'), 'urn:x', '', 'toString'])(
    'takes an event for nothing that it does not know: %p',
    (type) => expect(judgeType(type, {})).toEqual({ name: 'other', action: 'ignore' }),
  )
})

it.each([
  ['account-disabled', uri('risc', 'account-disabled')],
  ['session-revoked', uri('caep', 'session-revoked')],
  ['nonsense', undefined],
])('knows the full name of %s', (name, type) => {
  expect(typeOf(name)).toBe(type)
})
