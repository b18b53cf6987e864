import { describe, expect, it } from '@jest/globals'
import type { AuthEvent } from '../../lib/core/events/events.js'
import type { Health } from '../../lib/metrics/health.js'
import type { InstrumentName, Recorder } from '../../lib/metrics/instruments.js'
import { createMeasure, stateOf } from '../../lib/metrics/measure.js'

type Call = readonly [string, InstrumentName, string, number | undefined]

interface Setup {
  readonly calls: Call[]
  readonly opened: string[]
  readonly tell: (...events: readonly object[]) => readonly Call[]
  readonly measure: ReturnType<typeof createMeasure>
}

function setUp(health?: Health): Setup {
  const calls: Call[] = []
  const opened: string[] = []
  const recorder: Recorder = {
    add: (name, labels, by) => calls.push(['add', name, labels.join(' '), by]),
    set: (name, labels, value) => calls.push(['set', name, labels.join(' '), value]),
    observe: (name, labels, value) => calls.push(['observe', name, labels.join(' '), value]),
  }
  const measure = createMeasure(recorder, health, (_instrument, name) => opened.push(name))
  const tell: Setup['tell'] = (...events) => {
    calls.length = 0
    for (const event of events) measure.measure(event as AuthEvent)
    return [...calls]
  }
  return { calls, opened, tell, measure }
}

const refused = (reason: string, family = 'credential', guard = 'g'): object => ({
  name: 'request.refused',
  guard,
  family,
  reason,
})

describe('figures', () => {
  it('begin with zero for each event and each rule, but not for verdicts', () => {
    const { calls } = setUp()
    const zero = calls.map(([, name, label, by]) => `${name} ${label} ${by}`)
    expect(zero).toContain('events family.reused 0')
    expect(zero).toContain('anomalies brute_force 0')
    expect(zero).not.toContain('events bearer.accepted 0')
    expect(calls.every(([how, , , by]) => how === 'add' && by === 0)).toBe(true)
  })

  it.each<[string, object, readonly unknown[]]>([
    [
      'an accepted token, timed in seconds',
      { name: 'bearer.accepted', guard: 'g', durationMs: 2 },
      [
        ['add', 'verdicts', 'g accepted ', undefined],
        ['observe', 'duration', 'accepted', 0.002],
      ],
    ],
    [
      'one without a time',
      { name: 'bearer.accepted', guard: 'g' },
      [['add', 'verdicts', 'g accepted ', undefined]],
    ],
    ['a refusal', refused('expired'), [['add', 'verdicts', 'g refused expired', undefined]]],
    ['a reason of an app', refused('mine'), [['add', 'verdicts', 'g refused other', undefined]]],
    [
      'an outage',
      refused('keys_unavailable', 'dependency'),
      [['add', 'verdicts', 'g unavailable keys_unavailable', undefined]],
    ],
    [
      'an anomaly',
      { name: 'anomaly.detected', rule: 'brute_force' },
      [
        ['add', 'events', 'anomaly.detected', undefined],
        ['add', 'anomalies', 'brute_force', undefined],
      ],
    ],
    [
      'a logout',
      { name: 'token.revoked', scope: 'session' },
      [
        ['add', 'events', 'token.revoked', undefined],
        ['add', 'revocations', 'logout session', undefined],
      ],
    ],
    [
      'a logout of an issuer',
      { name: 'logout.received', scope: 'subject' },
      [
        ['add', 'events', 'logout.received', undefined],
        ['add', 'revocations', 'backChannelLogout subject', undefined],
      ],
    ],
    [
      'a signal that revoked',
      { name: 'signal.received', outcome: 'revoked', signal: 'x' },
      [
        ['add', 'events', 'signal.received', undefined],
        ['add', 'revocations', 'signals x', undefined],
      ],
    ],
    [
      'a signal that did not',
      { name: 'signal.received', outcome: 'ignored', signal: 'x' },
      [['add', 'events', 'signal.received', undefined]],
    ],
    [
      'a part that answers no more',
      { name: 'keys.failed', issuer: 'i' },
      [
        ['add', 'events', 'keys.failed', undefined],
        ['set', 'up', 'keys i', 0],
      ],
    ],
    [
      'a part that answers again',
      { name: 'keys.recovered', issuer: 'i' },
      [
        ['add', 'events', 'keys.recovered', undefined],
        ['set', 'up', 'keys i', 1],
      ],
    ],
  ])('count %s once', (_what, event, expected) => {
    expect(setUp().tell(event)).toEqual(expected)
  })

  it('take guards beyond fifty for one', () => {
    const events = Array.from({ length: 52 }, (_, n) => refused('expired', 'credential', `g${n}`))
    const labels = setUp()
      .tell(...events)
      .map(([, , label]) => label)
    expect(labels[49]).toBe('g49 refused expired')
    expect(labels.slice(50)).toEqual(['other refused expired', 'other refused expired'])
  })

  it('take issuers and signals beyond fifty for one', () => {
    const { tell } = setUp()
    const keys = Array.from({ length: 51 }, (_, n) => ({ name: 'keys.failed', issuer: `i${n}` }))
    expect(tell(...keys).at(-1)).toEqual(['set', 'up', 'keys other', 0])
    const signals = Array.from({ length: 51 }, (_, n) => ({
      name: 'signal.received',
      outcome: 'revoked',
      signal: `s${n}`,
    }))
    expect(tell(...signals).at(-1)).toEqual(['add', 'revocations', 'signals other', undefined])
  })

  it('time look-ups in seconds', () => {
    const { calls, measure } = setUp()
    calls.length = 0
    measure.measureLookup({ durationMs: 5, outcome: 'revoked' } as never)
    expect(calls).toEqual([['observe', 'denylist', 'revoked', 0.005]])
  })

  it('of health are opened and read where it is given', () => {
    const parts = [
      { part: 'keys', issuer: 'i', ready: true, usableSeconds: 0 },
      { part: 'denylist', ready: false },
    ]
    const { calls, opened, measure } = setUp({ report: () => ({ parts }) } as unknown as Health)
    expect(opened).toContain('ready')
    calls.length = 0
    measure.collect()
    expect(calls).toEqual([
      ['set', 'ready', 'keys i', 1],
      ['set', 'keysUsable', 'i', 0],
      ['set', 'ready', 'denylist ', 0],
    ])
  })

  it('of health are not there without it', () => {
    const { calls, opened, measure } = setUp()
    expect(opened).toEqual([
      'verdicts',
      'duration',
      'denylist',
      'events',
      'revocations',
      'anomalies',
      'up',
    ])
    calls.length = 0
    measure.collect()
    expect(calls).toEqual([])
  })
})

describe('stateOf', () => {
  it.each<[object, unknown]>([
    [{ name: 'keys.refreshed', issuer: 'i' }, ['keys', 'i', true]],
    [{ name: 'introspection.failed', issuer: 'i' }, ['introspection', 'i', false]],
    [{ name: 'introspection.recovered', issuer: 'i' }, ['introspection', 'i', true]],
    [{ name: 'signal.failed', issuer: 'i' }, ['signals', 'i', false]],
    [{ name: 'signal.recovered', issuer: 'i' }, ['signals', 'i', true]],
    [{ name: 'signal.stream', issuer: 'i', status: 'enabled' }, ['signals', 'i', true]],
    [{ name: 'signal.stream', issuer: 'i', status: 'paused' }, ['signals', 'i', false]],
    [{ name: 'ratelimit.degraded', limiter: 'l' }, ['ratelimit', 'l', false]],
    [{ name: 'ratelimit.recovered', limiter: 'l' }, ['ratelimit', 'l', true]],
    [{ name: 'revocation.state', store: 's', state: 'ready' }, ['denylist', 's', true]],
    [{ name: 'revocation.state', store: 's', state: 'verifying' }, ['denylist', 's', false]],
    [{ name: 'keys.failed' }, undefined],
    [{ name: 'token.revoked' }, undefined],
  ])('of %j is %j', (event, expected) => {
    expect(stateOf(event as AuthEvent)).toEqual(expected)
  })
})
