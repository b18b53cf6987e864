import { channel } from 'node:diagnostics_channel'
import { systemTimer, type Timer } from '../core/clock.js'
import { optionCheck, type OptionCheck } from '../core/options/option-check.js'
import type { AnomalyEvent } from '../core/events/auth-event.js'
import { EVENT_CHANNEL, type AuthEvent, type TokenFacts } from '../core/events/events.js'
import { RequestEvent, requestOf } from '../core/events/request-event.js'
import { networkOf } from '../http/request/client-network.js'
import { headOf } from './listening/request-facts.js'
import { bruteForce } from './rules/brute-force.js'
import { familyReuse } from './rules/family-reuse.js'
import { keyOutage } from './rules/key-outage.js'
import type { Finding, Rule } from './rules/rule.js'
import { scopeProbing } from './rules/scope-probing.js'
import { tokenUse } from './rules/token-use.js'
import { listen, type Subscription } from './listening/subscription.js'

/** An anomaly, with what is needed to do something about it. */
export interface Alert extends Finding {
  /** Who sent the request: an IPv4 address, or an IPv6 /56. Personal data in many countries. */
  readonly network: string | undefined
  /** Digests of the token it is about, where one was verified. */
  readonly token: TokenFacts | undefined
}

export interface AnomalyThresholds {
  /** Bad tokens of one network in a minute. @default 50 */
  readonly bruteForce?: number | false | undefined
  /** Networks (IPv4 /24 or IPv6 /48) that one token of a user comes from in five minutes. @default 3 */
  readonly tokenSpread?: number | false | undefined
  /** Different things that one user is refused in five minutes. @default 10 */
  readonly scopeProbing?: number | false | undefined
  /** Whether the use of a revoked token is told, from another network or after a minute. @default true */
  readonly revokedTokenUsed?: boolean | undefined
}

export interface AnomalyRulesOptions {
  /**
   * Told of each alert: `rule`, `detail`, `count`, `windowSeconds`, digests in `token`, and `network`, an
   * address or IPv6 /56, which is personal data in many countries. Never awaited; its errors touch no request.
   */
  readonly onAlert?: ((alert: Alert) => unknown) | undefined
  /** When a rule speaks; `false` turns it off. @default see the table of rules */
  readonly thresholds?: AnomalyThresholds | undefined
}

const FACTORY = 'anomalyRules'

/**
 * Looks for what one request cannot show: guessing, a stolen token, a revoked one that is still used,
 * probing, and an outage of keys that is about to matter. Each alert is an event `anomaly.detected`
 * too, so that metrics and audit tell of it. It judges no request.
 *
 * It knows this process and the last minutes, in tables of 10,000 entries each.
 *
 * @example
 * anomalyRules({ onAlert: ({ rule, detail, network }) => pager.send(`${rule}: ${detail}`, { network }) })
 *
 * @throws TypeError at construction, for an unknown option or a threshold that is none.
 */
export function anomalyRules(options: AnomalyRulesOptions = {}): Subscription {
  const check = optionCheck(FACTORY)
  check.known(options, ['onAlert', 'thresholds'])
  check.optionalFunction('onAlert', options.onAlert)
  const { onAlert } = options
  return listen(
    FACTORY,
    createAnomalyWatch(compileRules(check, options.thresholds), systemTimer, onAlert),
  )
}

/** Shows each event to each rule. */
export function createAnomalyWatch(
  rules: readonly Rule[],
  timer: Pick<Timer, 'now'>,
  onAlert?: (alert: Alert) => unknown,
): (event: AuthEvent) => unknown {
  const events = channel(EVENT_CHANNEL)
  return (event) => {
    if (event.name === 'anomaly.detected') return undefined
    const address = headOf(event)?.client.address ?? ''
    const network = address === '' ? undefined : networkOf(address)
    const sighting = { event, network, now: timer.now() }
    const findings = rules.flatMap((rule) => rule(sighting) ?? [])
    const token = 'token' in event ? event.token : undefined
    for (const finding of findings) events.publish(anomalyEvent(event, finding, token))
    if (findings.length === 0 || onAlert === undefined) return undefined
    return Promise.all(findings.map((finding) => onAlert({ ...finding, network, token })))
  }
}

function anomalyEvent(
  cause: AuthEvent,
  finding: Finding,
  token: TokenFacts | undefined,
): AnomalyEvent {
  const told = token === undefined ? {} : { token }
  return Object.assign(new RequestEvent(requestOf(cause)), {
    name: 'anomaly.detected' as const,
    ...finding,
    ...told,
  })
}

export function compileRules(
  check: OptionCheck,
  thresholds: AnomalyThresholds = {},
): readonly Rule[] {
  const names = ['bruteForce', 'tokenSpread', 'scopeProbing', 'revokedTokenUsed']
  check.known(thresholds, names, { within: 'thresholds' })
  const limit = (
    name: 'bruteForce' | 'tokenSpread' | 'scopeProbing',
    fallback: number,
  ): number | undefined => {
    const value = thresholds[name]
    const range = { fallback, min: 2, max: 10_000, integer: true }
    return value === false ? undefined : check.number(`thresholds.${name}`, value, range)
  }
  const failures = limit('bruteForce', 50)
  const needs = limit('scopeProbing', 10)
  const revoked = check.boolean('thresholds.revokedTokenUsed', thresholds.revokedTokenUsed, true)
  return [
    ...(failures === undefined ? [] : [bruteForce(failures)]),
    ...(needs === undefined ? [] : [scopeProbing(needs)]),
    tokenUse(limit('tokenSpread', 3), revoked),
    familyReuse(),
    keyOutage(),
  ]
}
