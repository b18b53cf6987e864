import { describe, expect, it, jest } from '@jest/globals'
import { memoryRevocationStore } from '../../lib/index.js'
import type { Signal, SharedSignalsFields } from '../../lib/signals.js'
import { testRevocationStore, type TestSignal } from '../../lib/testing.js'
import { until } from '../../tools/until.js'
import { startSignalReceiver, type SignalReceiver } from '../support/signals.js'

const ISSUER = 'https://issuer.test'
const USER = { format: 'iss_sub', iss: ISSUER, sub: 'user-1' }
const EMAIL = { format: 'email', email: 'ada@example.com' }

async function withReceiver(
  options: Partial<SharedSignalsFields>,
  use: (receiver: SignalReceiver) => Promise<void>,
  store = memoryRevocationStore({ clockToleranceSeconds: 0 }),
): Promise<void> {
  const receiver = await startSignalReceiver(options, store)
  try {
    await use(receiver)
  } finally {
    await receiver.close()
  }
}

/** The answer to an event of this user, and whether their token is good afterwards. */
async function sent(
  { transmitter, issuer, push, get, clock }: SignalReceiver,
  name: string,
  signal?: TestSignal,
): Promise<string> {
  clock.advance(1)
  const token = issuer.token()
  const answer = await push(transmitter.securityEvent(name, signal))
  return `${answer}, then ${await get(token)}`
}

describe('sharedSignals: resolveSubject', () => {
  it.each([
    ['email', EMAIL],
    ['phone_number', { format: 'phone_number', phone_number: '+1206' }],
    ['phone as Google writes it', { subject_type: 'phone', phone_number: '+1206' }],
    ['account', { format: 'account', uri: 'acct:ada@example.com' }],
    ['uri', { format: 'uri', uri: 'urn:ada' }],
    ['did', { format: 'did', url: 'did:example:123' }],
    ['saml_assertion_id', { format: 'saml_assertion_id', issuer: 'i', assertion_id: 'a' }],
    ['iss_sub', USER],
    ['opaque', { format: 'opaque', id: 'ada' }],
  ])('finds the user of an identifier of the format %s (SSF-07)', async (_format, subject) => {
    const asked: unknown[] = []
    const resolveSubject: SharedSignalsFields['resolveSubject'] = async (identifier) => {
      asked.push(identifier)
      return { subject: 'user-1' }
    }
    await withReceiver({ resolveSubject }, async (receiver) => {
      expect(await sent(receiver, 'account-disabled', { subject })).toBe('202, then 401')
      const { subject_type: _former, ...members } = subject as Record<string, string>
      expect(asked).toEqual([{ ...members, format: expect.any(String) }])
    })
  })

  it('is told whom we would take it for', async () => {
    const known: unknown[] = []
    const resolveSubject: SharedSignalsFields['resolveSubject'] = (_identifier, user) => {
      known.push(user)
      return user
    }
    await withReceiver({ resolveSubject }, async (receiver) => {
      expect(await sent(receiver, 'account-disabled')).toBe('202, then 401')
      expect(await sent(receiver, 'account-disabled', { subject: EMAIL })).toBe('202, then 200')
      expect(known).toEqual([{ issuer: ISSUER, subject: 'user-1' }, undefined])
    })
  })

  it('may name several, a session, and another issuer', async () => {
    const found = [
      { issuer: 'https://other.test', subject: 'user-1' },
      { sessionId: 'session-1', subject: 'user-1' },
    ]
    await withReceiver({ resolveSubject: () => found }, async (receiver) => {
      const other = receiver.issuer.token({ sid: 'session-2' })
      expect(await sent(receiver, 'account-disabled', { subject: EMAIL })).toBe('202, then 401')
      expect(await receiver.get(other)).toBe(200)
    })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no database')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no database'))],
    ['names nobody where it should', () => ({}) as never],
    ['names a user that is a number', () => ({ subject: 7 }) as never],
    ['names an empty session', () => ({ subject: 'a', sessionId: '' })],
    ['answers text', () => 'user-1' as never],
  ])('that %s is an outage: nothing is acknowledged (SET-16)', async (_how, resolveSubject) => {
    await withReceiver({ resolveSubject }, async (receiver) => {
      expect(await sent(receiver, 'account-disabled')).toBe('503, then 200')
      expect(receiver.reason()).toBe('signal_undecided')
    })
  })

  it('is not asked about what the sender may not speak for', async () => {
    const resolveSubject = jest.fn<NonNullable<SharedSignalsFields['resolveSubject']>>()
    await withReceiver({ resolveSubject }, async (receiver) => {
      const subject = { ...USER, iss: 'https://else.test' }
      expect(await sent(receiver, 'account-disabled', { subject })).toBe(
        '400 access_denied, then 200',
      )
      expect(receiver.reason()).toBe('foreign_subject')
      expect(resolveSubject).not.toHaveBeenCalled()
    })
  })
})

describe('sharedSignals: whose subjects', () => {
  it('are those of subjectIssuers, under the first spelling (SET-03)', async () => {
    const subjectIssuers = [ISSUER, `${ISSUER}/`]
    await withReceiver({ subjectIssuers }, async (receiver) => {
      const subject = { ...USER, iss: `${ISSUER}/` }
      expect(await sent(receiver, 'account-disabled', { subject })).toBe('202, then 401')
    })
  })

  it('are not those of the sender itself, where others are named', async () => {
    await withReceiver({ subjectIssuers: 'https://users.test' }, async (receiver) => {
      expect(await sent(receiver, 'account-disabled')).toBe('400 access_denied, then 200')
    })
  })

  it('end nothing with a critical member that cannot be heeded (SSF-09)', async () => {
    await withReceiver({ criticalSubjectMembers: ['tenant', 'user'] }, async (receiver) => {
      const tenant = { format: 'opaque', id: 't' }
      const odd = { format: 'complex', user: USER, tenant }
      const unread = { format: 'complex', user: USER, tenant: { format: 'fax' } }
      const plain = { format: 'complex', user: USER, device: tenant }
      expect(await sent(receiver, 'account-disabled', { subject: odd })).toBe('202, then 200')
      expect(await sent(receiver, 'account-disabled', { subject: unread })).toBe('202, then 200')
      expect(await sent(receiver, 'account-disabled', { subject: plain })).toBe('202, then 401')
    })
  })

  it.each([
    ['no object', 'user-1'],
    ['no format', { iss: ISSUER }],
    ['a format that is a number', { format: 7 }],
    [
      'aliases within aliases',
      { format: 'aliases', identifiers: [{ format: 'aliases', identifiers: [USER] }] },
    ],
    ['no aliases', { format: 'aliases', identifiers: [] }],
    ['21 aliases', { format: 'aliases', identifiers: Array.from({ length: 21 }, () => USER) }],
    ['a complex one within', { format: 'complex', user: { format: 'complex', user: USER } }],
  ])('are refused where they are %s', async (_what, subject) => {
    await withReceiver({}, async (receiver) => {
      expect(await sent(receiver, 'account-disabled', { subject })).toBe(
        '400 invalid_request, then 200',
      )
      expect(receiver.reason()).toBe('malformed_subject')
    })
  })
})

describe('sharedSignals: decide and onSignal', () => {
  const RISK = { payload: { principal: 'USER', current_level: 'HIGH' } }

  it('revokes where decide says so (CAEP-08)', async () => {
    await withReceiver(
      {
        decide: async ({ name, payload }) =>
          name === 'risk-level-change' && payload['current_level'] === 'HIGH'
            ? 'revoke'
            : undefined,
      },
      async (receiver) => {
        expect(await sent(receiver, 'session-presented')).toBe('202, then 200')
        expect(await sent(receiver, 'risk-level-change', RISK)).toBe('202, then 401')
      },
    )
  })

  it('revokes nothing where decide says so', async () => {
    await withReceiver({ decide: () => 'ignore' }, async (receiver) => {
      expect(await sent(receiver, 'account-disabled')).toBe('202, then 200')
    })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['says something else', () => 'maybe' as never],
  ])('acknowledges nothing where decide %s', async (_how, decide) => {
    await withReceiver({ decide }, async (receiver) => {
      expect(await sent(receiver, 'session-presented')).toBe('503, then 200')
      expect(receiver.reason()).toBe('signal_undecided')
    })
  })

  it('tells onSignal once, and does not wait for it (SET-09, SET-10)', async () => {
    const signals: Signal[] = []
    const onSignal = async (signal: Signal): Promise<void> => {
      signals.push(signal)
      await new Promise(() => undefined)
    }
    await withReceiver({ onSignal }, async ({ transmitter, push, clock }) => {
      const payload = { event_timestamp: clock() - 5, initiating_entity: 'admin' }
      const event = transmitter.securityEvent('session-revoked', { payload })
      expect(await Promise.all([push(event), push(event)])).toEqual(['202', '202'])
      expect(signals).toEqual([
        {
          name: 'session-revoked',
          type: 'https://schemas.openid.net/secevent/caep/event-type/session-revoked',
          action: 'revoke',
          issuer: ISSUER,
          tokenId: expect.any(String),
          happenedAt: clock() - 5,
          subject: USER,
          payload,
        },
      ])
    })
  })
})

describe('sharedSignals: a store that is down', () => {
  it('is never acknowledged, and the event is taken when it comes again (SET-16)', async () => {
    const store = testRevocationStore()
    await withReceiver(
      {},
      async (receiver) => {
        const token = receiver.issuer.token()
        const event = receiver.transmitter.securityEvent('account-disabled')
        store.outage()
        const response = await fetch(receiver.url, {
          method: 'POST',
          headers: {
            'content-type': 'application/secevent+jwt',
            authorization: 'Bearer test-transmitter',
          },
          body: event,
        })
        expect(response.status).toBe(503)
        expect(response.headers.get('retry-after')).toBe('1')
        expect(receiver.reason()).toBe('revocation_not_stored')
        store.recover()
        expect(await receiver.push(event)).toBe('202')
        expect(await receiver.get(token)).toBe(401)
      },
      store,
    )
  })
})

describe('sharedSignals: the stream itself', () => {
  it('is verified by a state that we made (SSF-14)', async () => {
    await withReceiver({}, async ({ signals, transmitter, push }) => {
      const subject = { format: 'opaque', id: 'stream-1' }
      const verification = (state?: string): string =>
        transmitter.securityEvent('verification', { subject, payload: { state } })
      expect(await push(verification())).toBe('202')
      const { state, arrived } = signals.expectVerification()
      expect(await push(verification('another'))).toBe('400 invalid_state')
      expect(await push(verification())).toBe('202')
      expect(await push(verification(state))).toBe('202')
      await arrived
    })
  })

  it('says that a verification did not come', async () => {
    await withReceiver({}, async ({ signals, transmitter, push, reason }) => {
      const { state, arrived } = signals.expectVerification(50)
      await expect(arrived).rejects.toThrow('No verification event came within 50 ms')
      const { arrived: other } = signals.expectVerification(5000)
      expect(await push(transmitter.securityEvent('verification', { payload: { state } }))).toBe(
        '400 invalid_state',
      )
      expect(reason()).toBe('unexpected_state')
      other.catch(() => undefined)
    })
  })

  it.each([
    ['paused', 'paused'],
    ['disabled', 'disabled'],
    ['enabled', 'enabled'],
    ['something else', 'disabled'],
  ])('tells of a stream that is %s (SSF-15)', async (status, told) => {
    await withReceiver({}, async ({ transmitter, push, events }) => {
      const payload = { status, reason: 'License is not valid' }
      expect(await push(transmitter.securityEvent('stream-updated', { payload }))).toBe('202')
      await until(() =>
        expect(events).toContainEqual({
          name: 'signal.stream',
          issuer: ISSUER,
          status: told,
          detail: 'License is not valid',
        }),
      )
    })
  })

  it.each<[string, TestSignal]>([
    ['typ JWT', { header: { typ: 'JWT' } }],
    ['no typ', { header: { typ: undefined } }],
    ['sub', { claims: { sub: 'user-1' } }],
    ['exp', { claims: { exp: 9_999_999_999 } }],
  ])('may be of a draft with %s, where legacy says so (SSF-01, RISC-06)', async (_what, signal) => {
    await withReceiver({ legacy: true }, async (receiver) => {
      expect(await sent(receiver, 'account-disabled', signal)).toBe('202, then 401')
      const expired = { claims: { exp: receiver.clock() - 60 } }
      expect(await sent(receiver, 'account-disabled', expired)).toMatch(/^400/)
    })
  })
})
