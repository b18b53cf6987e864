import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../lib/core/verdicts/errors.js'
import { createReceiver, type Receiver, type ReceiverParts } from '../../lib/signals/receiver.js'
import { createStreamVerifications } from '../../lib/signals/stream-state.js'
import type { SecurityEvent } from '../../lib/tokens/events/security-event.js'
import { manualTimer } from '../support/manual-timer.js'

const TYPE = 'https://schemas.openid.net/secevent/risc/event-type/account-disabled'
const USER = { format: 'iss_sub', iss: 'https://id.test', sub: 'ada' }

interface Setup {
  readonly receiver: Receiver
  /** What was done, in order. */
  readonly done: unknown[]
}

function setUp(changes: Partial<ReceiverParts> = {}, event: Partial<SecurityEvent> = {}): Setup {
  const done: unknown[] = []
  const note =
    (name: string) =>
    async (...args: readonly unknown[]): Promise<void> =>
      void done.push([name, ...args])
  const verified = {
    issuer: 'https://id.test',
    tokenId: 'j',
    type: TYPE,
    payload: {},
    happenedAt: 100,
    subject: USER,
    ...event,
  }
  const parts = {
    verifier: { verify: async () => verified },
    store: { revokeSubject: note('stored') },
    families: undefined,
    replay: undefined,
    resolve: async () => [{ kind: 'user', issuer: 'https://id.test', subject: 'ada' }],
    verifications: createStreamVerifications(manualTimer()),
    events: {
      emit: (told: { name: string; outcome?: string }) => done.push([told.name, told.outcome]),
    },
    timer: manualTimer(),
    criticalSubjectMembers: [],
    decide: undefined,
    onSignal: (signal: { name: string }) => void done.push(['onSignal', signal.name]),
    ...changes,
  }
  return { receiver: createReceiver(parts as unknown as ReceiverParts), done }
}

const STORED = ['stored', { issuer: 'https://id.test', subject: 'ada' }, { issuedBefore: 100 }]
const TOLD = [
  ['signal.received', 'revoked'],
  ['onSignal', 'account-disabled'],
]

const isStored = (entry: unknown): boolean => Array.isArray(entry) && entry[0] === 'stored'

describe('a receiver of security events', () => {
  it('stores first, and tells then', async () => {
    const { receiver, done } = setUp()
    expect(await receiver.receive('h.p.s')).toBeUndefined()
    expect(done).toEqual([STORED, ...TOLD])
  })

  it('knows an event by all but its signature', async () => {
    const { receiver, done } = setUp()
    await receiver.receive('h.p.s')
    expect(receiver.knows('h.p.another')).toBe(true)
    expect(receiver.knows('h.q.s')).toBe(false)
    await receiver.receive('h.p.another')
    expect(done).toHaveLength(3)
  })

  it('claims an event for all processes once it is stored, and before it tells', async () => {
    const { receiver, done } = setUp({ replay: { claim: () => done.push(['claimed']) > 0 } })
    await receiver.receive('h.p.s')
    expect(done).toEqual([STORED, ['claimed'], ...TOLD])
  })

  it('tells nothing that another process has told', async () => {
    const { receiver, done } = setUp({ replay: { claim: () => false } })
    expect(await receiver.receive('h.p.s')).toBeUndefined()
    expect(done).toEqual([STORED])
  })

  it.each<[string, Partial<ReceiverParts>, Partial<SecurityEvent>, string]>([
    [
      'a missing member',
      {},
      { type: TYPE.replace('account-disabled', 'credential-compromise') },
      'malformed_event',
    ],
    ['a subject that cannot be read', {}, { subject: 'ada' }, 'malformed_subject'],
    ['decide that is no word', { decide: () => 'maybe' as never }, {}, 'signal_undecided'],
    [
      'decide that throws',
      {
        decide: () => {
          throw new Error('x')
        },
      },
      {},
      'signal_undecided',
    ],
    [
      'a memory that is down',
      { replay: { claim: () => Promise.reject(new Error('x')) } },
      {},
      'replay_unavailable',
    ],
    [
      'a resolver that refuses',
      { resolve: async () => new AuthError('insufficient_scope', { reason: 'foreign_subject' }) },
      {},
      'foreign_subject',
    ],
  ])(
    'refuses %s, tells nothing, and takes the event anew',
    async (_what, changes, event, reason) => {
      const { receiver, done } = setUp(changes, event)
      expect(await receiver.receive('h.p.s')).toMatchObject({ reason })
      expect(done.filter((entry) => entry !== done.find(isStored))).toEqual([])
      expect(receiver.knows('h.p.s')).toBe(false)
    },
  )

  it.each<[string, Partial<ReceiverParts>, Partial<SecurityEvent>]>([
    ['a subject of an unknown format', {}, { subject: { format: 'fax' } }],
    ['a subject that is nobody', { resolve: async () => [] }, {}],
    [
      'a critical member',
      { criticalSubjectMembers: ['tenant'] },
      { subject: { format: 'complex', user: USER, tenant: USER } },
    ],
    ['an event that only informs', {}, { type: 'urn:other', subject: 'of no form' }],
    ['decide that says so', { decide: () => 'ignore' }, {}],
  ])('takes %s, and revokes nothing', async (_what, changes, event) => {
    const { receiver, done } = setUp(changes, event)
    expect(await receiver.receive('h.p.s')).toBeUndefined()
    expect(done[0]).toEqual(['signal.received', 'ignored'])
  })

  it.each([
    ['enabled', 'enabled'],
    ['paused', 'paused'],
    ['a word of theirs', 'disabled'],
  ])('tells that the stream is %s (SSF-15)', async (status, expected) => {
    const told: unknown[] = []
    const type = 'https://schemas.openid.net/secevent/ssf/event-type/stream-updated'
    const events = { emit: (event: unknown) => told.push(event) }
    const { receiver } = setUp({ events } as never, { type, payload: { status, reason: 'r\n' } })
    await receiver.receive('h.p.s')
    expect(told[1]).toMatchObject({
      name: 'signal.stream',
      status: expected,
      detail: expect.not.stringContaining('\n'),
    })
  })
})
