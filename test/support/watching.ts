import { optionCheck } from '../../lib/core/options/option-check.js'
import { digest, type AuthEvent, type TokenFacts } from '../../lib/core/events/events.js'
import { RequestEvent } from '../../lib/core/events/request-event.js'
import { FetchHead } from '../../lib/http/request/fetch-head.js'
import {
  compileRules,
  createAnomalyWatch,
  type Alert,
  type AnomalyThresholds,
} from '../../lib/metrics/anomaly-rules.js'
import { manualTimer, type ManualTimer } from './manual-timer.js'

export const SECOND = 1000
export const MINUTE: number = 60 * SECOND
export const ISSUER = 'https://id.test'

/** Rules that are shown events, and what they found. */
export interface Watch {
  readonly alerts: Alert[]
  readonly timer: ManualTimer
  readonly rules: () => readonly string[]
  accepted(user: string, address: string, changes?: Partial<TokenFacts>): void
  refused(reason: string, address: string, of?: Refusal): void
  tell(event: AuthEvent): void
}

interface Refusal {
  readonly user?: string
  readonly code?: string
  readonly detail?: string
  readonly guard?: string
}

function factsOf(user: string): TokenFacts {
  return {
    issuer: ISSUER,
    clientId: 'app',
    subjectDigest: digest(user),
    tokenIdDigest: digest(`token of ${user}`),
    transport: 'header',
  }
}

export function watching(thresholds: AnomalyThresholds = {}): Watch {
  const alerts: Alert[] = []
  const timer = manualTimer()
  const rules = compileRules(optionCheck('anomalyRules'), thresholds)
  const watch = createAnomalyWatch(rules, timer, (alert) => alerts.push(alert))
  const from = (address: string, event: object): void => {
    const head = new FetchHead(new Request('http://api.test/'), address)
    watch(Object.assign(new RequestEvent(head), event) as unknown as AuthEvent)
  }
  return {
    alerts,
    timer,
    rules: () => alerts.map(({ rule }) => rule),
    accepted: (user, address, changes = {}) =>
      from(address, { name: 'bearer.accepted', token: { ...factsOf(user), ...changes } }),
    refused: (reason, address, { user, code = 'invalid_token', detail, guard = 'g' } = {}) =>
      from(address, {
        name: 'request.refused',
        guard,
        code,
        reason,
        family: 'credential',
        ...(detail === undefined ? {} : { detail }),
        ...(user === undefined ? {} : { token: factsOf(user) }),
      }),
    tell: (event) => void watch(event),
  }
}

export const times = (count: number, act: (n: number) => void): void => {
  for (let n = 0; n < count; n += 1) act(n)
}

/** The use of a revoked token, as guards tell of it: it passes the first, and not the second. */
export function revokedUse(watch: Watch, address: string): void {
  watch.accepted('alice', address)
  watch.refused('revoked', address, { user: 'alice' })
}

export function denied(watch: Watch, user: string, detail: string): void {
  watch.refused('scope_missing', '192.0.2.7', { user, code: 'insufficient_scope', detail })
}
