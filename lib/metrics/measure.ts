import type { AuthEvent } from '../core/events/events.js'
import type { Lookup } from '../core/events/lookups.js'
import type { Health } from './health.js'
import { INSTRUMENTS, type Instrument, type Recorder } from './instruments.js'
import { cappedLabel, outcomeOf, reasonLabel, type VerdictOutcome } from './listening/labels.js'
import { EVENT_ROWS } from './audit/owasp.js'
import { ANOMALY_RULES } from './rules/rule.js'

const MAX_GUARDS = 50
const MAX_NAMES = 50
const MAX_EVENTS = 100

export interface Measure {
  /** Puts an event into figures. */
  readonly measure: (event: AuthEvent) => void
  /** The same for questions to the denylist. */
  readonly measureLookup: (lookup: Lookup) => void
  /** Asks `health` how things are. */
  readonly collect: () => void
}

/**
 * Puts each event into figures, once.
 *
 * @param open Called for each instrument before anything is recorded.
 */
export function createMeasure(
  recorder: Recorder,
  health: Health | undefined,
  open: (instrument: Instrument, name: string) => void,
): Measure {
  for (const [name, instrument] of Object.entries(INSTRUMENTS)) {
    if (health !== undefined || instrument.fromHealth !== true) open(instrument, name)
  }
  const guardLabel = cappedLabel(MAX_GUARDS)
  const eventLabel = cappedLabel(MAX_EVENTS)
  const nameLabel = cappedLabel(MAX_NAMES)
  const ruleLabel = cappedLabel(MAX_GUARDS)
  const signalLabel = cappedLabel(MAX_GUARDS)

  // A counter that begins with its first event hides it: from nothing to 1 is no increase.
  for (const name of Object.keys(EVENT_ROWS)) {
    if (name !== 'bearer.accepted') recorder.add('events', [eventLabel(name)], 0)
  }
  for (const rule of ANOMALY_RULES) recorder.add('anomalies', [ruleLabel(rule)], 0)

  function judged(outcome: VerdictOutcome, event: Judged, reason: string): void {
    recorder.add('verdicts', [guardLabel(event.guard), outcome, reason])
    const { durationMs } = event
    if (durationMs !== undefined) recorder.observe('duration', [outcome], durationMs / 1000)
  }

  function setUp(part: string, name: string, up: boolean): void {
    recorder.set('up', [part, nameLabel(name)], up ? 1 : 0)
  }

  function measure(event: AuthEvent): void {
    if (event.name === 'bearer.accepted') {
      judged('accepted', event, '')
      return
    }
    if (event.name === 'request.refused') {
      judged(outcomeOf(event), event, reasonLabel(event.reason))
      return
    }
    recorder.add('events', [eventLabel(event.name)])
    const state = stateOf(event)
    if (state !== undefined) setUp(...state)
    if (event.name === 'anomaly.detected') recorder.add('anomalies', [ruleLabel(event.rule)])
    if (event.name === 'token.revoked') recorder.add('revocations', ['logout', event.scope])
    if (event.name === 'logout.received') {
      recorder.add('revocations', ['backChannelLogout', event.scope])
    }
    if (event.name === 'signal.received' && event.outcome === 'revoked') {
      recorder.add('revocations', ['signals', signalLabel(event.signal)])
    }
  }

  function collect(): void {
    for (const { part, issuer, ready, usableSeconds } of health?.report().parts ?? []) {
      const name = issuer === undefined ? '' : nameLabel(issuer)
      recorder.set('ready', [part, name], ready ? 1 : 0)
      if (usableSeconds !== undefined) recorder.set('keysUsable', [name], usableSeconds)
    }
  }

  function measureLookup({ durationMs, outcome }: Lookup): void {
    recorder.observe('denylist', [outcome], durationMs / 1000)
  }

  return { measure, measureLookup, collect }
}

interface Judged {
  readonly guard: string
  readonly durationMs?: number
}

const STATES: Readonly<Record<string, readonly [part: string, up: boolean]>> = {
  'keys.refreshed': ['keys', true],
  'keys.recovered': ['keys', true],
  'keys.failed': ['keys', false],
  'introspection.failed': ['introspection', false],
  'introspection.recovered': ['introspection', true],
  'signal.failed': ['signals', false],
  'signal.recovered': ['signals', true],
  'ratelimit.degraded': ['ratelimit', false],
  'ratelimit.recovered': ['ratelimit', true],
}

/** What an event says of something that verdicts depend on. */
export function stateOf(
  event: AuthEvent,
): readonly [part: string, name: string, up: boolean] | undefined {
  if (event.name === 'revocation.state') return ['denylist', event.store, event.state === 'ready']
  if (event.name === 'signal.stream') return ['signals', event.issuer, event.status === 'enabled']
  const state = STATES[event.name]
  if (state === undefined) return undefined
  const [part, up] = state
  if ('issuer' in event) return [part, event.issuer, up]
  return 'limiter' in event ? [part, event.limiter, up] : undefined
}
