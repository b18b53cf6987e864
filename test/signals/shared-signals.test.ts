import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createTestIssuer, type TestSignal } from '../../lib/testing.js'
import { redisForAllTests } from '../support/redis-under-test.js'
import { startSignalReceiver, type SignalReceiver } from '../support/signals.js'

const USER = { format: 'iss_sub', iss: 'https://issuer.test', sub: 'user-1' }
const SESSION = { format: 'opaque', id: 'session-1' }
const OTHER = { sub: 'user-2', sid: 'session-2' }

/** Bytes that no event has. */
const MANY = 'a'.repeat(10_000_000)

const redis = redisForAllTests()

describe.each([
  ['memory', (): Promise<SignalReceiver> => startSignalReceiver()],
  [
    'Redis',
    async (): Promise<SignalReceiver> =>
      startSignalReceiver({}, await redis.readyStore({ name: `signals-${Math.random()}` })),
  ],
])('sharedSignals over %s: what an event ends', (_name, start) => {
  let receiver: SignalReceiver
  beforeEach(async () => {
    receiver = await start()
  })
  afterEach(() => receiver.close())

  it.each<[string, string, TestSignal]>([
    ['session-revoked of a user (CAEP-01, SSF-19)', 'session-revoked', { subject: USER }],
    ['session-revoked of a session, opaque (CAEP-01)', 'session-revoked', { subject: SESSION }],
    [
      'session-revoked of user and session (CAEP-01, SSF-07)',
      'session-revoked',
      { subject: { format: 'complex', user: USER, session: SESSION } },
    ],
    [
      'session-revoked of a device of a user: all of theirs, since tokens name no device (CAEP-01)',
      'session-revoked',
      { subject: { format: 'complex', user: USER, device: { format: 'opaque', id: 'd' } } },
    ],
    [
      'session-revoked of aliases (SSF-07)',
      'session-revoked',
      { subject: { format: 'aliases', identifiers: [{ format: 'email', email: 'a@b.c' }, USER] } },
    ],
    [
      'a subject in the event itself (SSF-06)',
      'session-revoked',
      { claims: { sub_id: undefined }, payload: { subject: USER } },
    ],
    [
      'a subject as Google writes it (RISC-06)',
      'sessions-revoked',
      {
        claims: { sub_id: undefined },
        payload: { subject: { subject_type: 'iss-sub', iss: USER.iss, sub: 'user-1' } },
      },
    ],
    [
      'token-claims-change (CAEP-03)',
      'token-claims-change',
      { payload: { claims: { role: 'x' } } },
    ],
    [
      'credential-change of a password (CAEP-04)',
      'credential-change',
      { payload: { credential_type: 'password', change_type: 'update' } },
    ],
    [
      'assurance-level-change downwards (CAEP-05)',
      'assurance-level-change',
      {
        payload: {
          namespace: 'NIST-AAL',
          current_level: 'nist-aal1',
          change_direction: 'decrease',
        },
      },
    ],
    [
      'device-compliance-change (CAEP-06)',
      'device-compliance-change',
      { payload: { previous_status: 'compliant', current_status: 'not-compliant' } },
    ],
    ['account-disabled (RISC-01)', 'account-disabled', { payload: { reason: 'hijacking' } }],
    ['account-purged (RISC-01)', 'account-purged', {}],
    ['account-credential-change-required (RISC-01)', 'account-credential-change-required', {}],
    ['identifier-recycled (RISC-02)', 'identifier-recycled', {}],
    [
      'credential-compromise (RISC-03)',
      'credential-compromise',
      { payload: { credential_type: 'password' } },
    ],
    ['sessions-revoked (RISC-04)', 'sessions-revoked', {}],
    ['tokens-revoked (RISC-07)', 'tokens-revoked', {}],
    [
      'members that nobody knows (SSF-11)',
      'session-revoked',
      { payload: { x: 1 }, claims: { y: 2 } },
    ],
  ])('%s', async (_what, name, signal) => {
    const { issuer, transmitter } = receiver
    const [token, other] = [issuer.token(), issuer.token(OTHER)]
    expect(await receiver.get(token)).toBe(200)
    expect(await receiver.push(transmitter.securityEvent(name, signal))).toBe('202')
    expect(await receiver.get(token)).toBe(401)
    expect(await receiver.get(other)).toBe(200)
    expect(receiver.events.at(-1)).toMatchObject({ name: 'signal.received', outcome: 'revoked' })
  })

  it('one token alone, by its jti (SSF-08)', async () => {
    const { issuer, transmitter } = receiver
    const [token, second] = [issuer.token({ jti: 't-1' }), issuer.token({ jti: 't-2' })]
    const subject = { format: 'jwt_id', iss: USER.iss, jti: 't-1' }
    expect(await receiver.push(transmitter.securityEvent('session-revoked', { subject }))).toBe(
      '202',
    )
    expect(await receiver.get(token)).toBe(401)
    expect(await receiver.get(second)).toBe(200)
  })

  it('what was issued up to the event, and no later login (SET-07, CAEP-02)', async () => {
    const { issuer, transmitter, clock } = receiver
    const at = clock() - 60
    const before = issuer.token({ iat: at })
    const after = issuer.token({ iat: at + 1, sid: 'session-9' })
    const payload = { event_timestamp: at }
    const event = transmitter.securityEvent('session-revoked', { payload })
    expect(await receiver.push(event)).toBe('202')
    expect(await receiver.get(before)).toBe(401)
    expect(await receiver.get(after)).toBe(200)
  })

  it.each<[string, TestSignal, string]>([
    ['forged', {}, '400 authentication_failed'],
    ['unsigned (SET-06)', { header: { alg: 'none' } }, '400 invalid_key'],
    ['signed by another algorithm (SSF-20)', { header: { alg: 'HS256' } }, '400 invalid_key'],
    ['by a key that nobody publishes', { header: { kid: 'gone' } }, '400 invalid_key'],
    [
      'of another transmitter (SSF-04)',
      { claims: { iss: 'https://evil.test' } },
      '400 invalid_issuer',
    ],
    ['without issuer (SET-01)', { claims: { iss: undefined } }, '400 invalid_issuer'],
    [
      'for another receiver (SSF-05)',
      { claims: { aud: 'https://else.test' } },
      '400 invalid_audience',
    ],
    ['for nobody (SSF-05)', { claims: { aud: undefined } }, '400 invalid_audience'],
    ['without iat (SET-01)', { claims: { iat: undefined } }, '400 invalid_request'],
    ['without jti (SET-01)', { claims: { jti: undefined } }, '400 invalid_request'],
    ['without events (SET-01)', { claims: { events: undefined } }, '400 invalid_request'],
    ['with no event in it (SET-02)', { claims: { events: {} } }, '400 invalid_request'],
    ['with events as a list (SET-02)', { claims: { events: [] } }, '400 invalid_request'],
    [
      'with an event that is text (SET-02)',
      { claims: { events: { 'urn:x': 'y' } } },
      '400 invalid_request',
    ],
    [
      'with a name that is no URI (SET-02)',
      { claims: { events: { x: {} } } },
      '400 invalid_request',
    ],
    [
      'with two events (SSF-10, SSF-21)',
      { claims: { events: { 'urn:a': {}, 'urn:b': {} } } },
      '400 invalid_request',
    ],
    ['with another typ (SSF-01, SET-04)', { header: { typ: 'JWT' } }, '400 invalid_request'],
    ['without typ (SSF-01, SET-04)', { header: { typ: undefined } }, '400 invalid_request'],
    ['with sub (SSF-02)', { claims: { sub: 'user-1' } }, '400 invalid_request'],
    ['with exp (SSF-03)', { claims: { exp: 9_999_999_999 } }, '400 invalid_request'],
    ['of tomorrow', { claims: { iat: 9_999_999_999 } }, '400 invalid_request'],
    ['without a subject (SSF-06)', { claims: { sub_id: undefined } }, '400 invalid_request'],
    [
      'of a user of another issuer (SET-03, SET-08)',
      { subject: { ...USER, iss: 'https://else.test' } },
      '400 access_denied',
    ],
    [
      'of a token of another issuer (SET-03)',
      { subject: { format: 'jwt_id', iss: 'https://else.test', jti: 'x' } },
      '400 access_denied',
    ],
    ['of a subject without its members', { subject: { format: 'iss_sub' } }, '400 invalid_request'],
    ['of a subject that is text', { subject: 'user-1' }, '400 invalid_request'],
    [
      'that lacks what its standard asks for',
      {
        claims: {
          events: {
            'https://schemas.openid.net/secevent/risc/event-type/credential-compromise': {},
          },
        },
      },
      '400 invalid_request',
    ],
    ['of an empty user', { subject: { ...USER, sub: '' } }, '400 invalid_request'],
    ['with the time in words', { payload: { event_timestamp: 'now' } }, '400 invalid_request'],
    ['with 10 MB in it', { payload: { x: MANY } }, '400 invalid_request'],
  ])('nothing, by an event %s (SET-13, SET-15)', async (what, signal, answer) => {
    const { transmitter, issuer } = receiver
    const token = issuer.token()
    const good = transmitter.securityEvent('session-revoked', signal)
    const strangers = createTestIssuer({ clock: receiver.clock }).transmitter()
    const event = what === 'forged' ? strangers.securityEvent('session-revoked') : good
    expect(await receiver.push(event)).toBe(answer)
    expect(await receiver.get(token)).toBe(200)
    expect(receiver.events.filter(({ name }) => name !== 'request.refused')).toEqual([])
  })

  it.each<[string, string, TestSignal]>([
    ['an event that we do not know', 'urn:example:event', {}],
    [
      'a new credential (CAEP-04)',
      'credential-change',
      { payload: { credential_type: 'fido2-roaming', change_type: 'create' } },
    ],
    ['a session that began (CAEP-07)', 'session-established', {}],
    ['a session that was used (CAEP-07)', 'session-presented', {}],
    [
      'a risk that rose, unless the app decides (CAEP-08)',
      'risk-level-change',
      { payload: { principal: 'USER', current_level: 'HIGH' } },
    ],
    [
      'a level that changed, nobody says how (CAEP-09)',
      'assurance-level-change',
      { payload: { namespace: 'x', current_level: 'y' } },
    ],
    [
      'a device that complies again',
      'device-compliance-change',
      { payload: { previous_status: 'not-compliant', current_status: 'compliant' } },
    ],
    ['an account that is enabled (RISC-01)', 'account-enabled', {}],
    ['an opt-out (RISC-05)', 'opt-out-effective', {}],
    ['a recovery (RISC-05)', 'recovery-activated', {}],
    [
      'one refresh token of Google (RISC-07)',
      'token-revoked',
      { subject: { subject_type: 'oauth_token', token: 'x' } },
    ],
    [
      'a user that we do not know (SSF-16)',
      'session-revoked',
      { subject: { ...USER, sub: 'nobody' } },
    ],
    [
      'somebody by email, without resolveSubject (SSF-19)',
      'session-revoked',
      { subject: { format: 'email', email: 'a@b.c' } },
    ],
    [
      'somebody by a format that is not known',
      'session-revoked',
      { subject: { format: 'fax', fax: '1' } },
    ],
    [
      'a device alone',
      'device-compliance-change',
      {
        subject: { format: 'complex', device: { format: 'opaque', id: 'd' } },
        payload: { previous_status: 'compliant', current_status: 'not-compliant' },
      },
    ],
  ])('nothing, and is acknowledged: %s (SSF-22)', async (_what, name, signal) => {
    const { transmitter, issuer } = receiver
    const token = issuer.token()
    expect(await receiver.push(transmitter.securityEvent(name, signal))).toBe('202')
    expect(await receiver.get(token)).toBe(200)
  })

  it('nothing more when it comes again, however often, even after a new login (SET-10)', async () => {
    const { issuer, transmitter, clock } = receiver
    const event = transmitter.securityEvent('account-disabled')
    expect(await receiver.push(event)).toBe('202')
    clock.advance(2)
    const fresh = issuer.token({ sid: 'session-9' })
    expect(await Promise.all([1, 2, 3].map(() => receiver.push(event)))).toEqual([
      '202',
      '202',
      '202',
    ])
    expect(await receiver.get(fresh)).toBe(200)
    expect(receiver.events.filter(({ name }) => name === 'signal.received')).toHaveLength(1)
  })

  it('the same in whatever order events come', async () => {
    const { issuer, transmitter, clock } = receiver
    const at = clock() - 60
    const token = issuer.token({ iat: at })
    const events = ['account-enabled', 'account-disabled'].map((name, index) =>
      transmitter.securityEvent(name, { claims: { iat: at + index } }),
    )
    for (const event of events.toReversed()) expect(await receiver.push(event)).toBe('202')
    expect(await receiver.get(token)).toBe(401)
  })
})
