import { systemTimer, type Timer } from '../clock.js'
import type { AuthEvent, RefusalEvent } from './auth-event.js'
import { printable } from './printable.js'
import { REASONS } from '../verdicts/reasons.js'
import { warn, type WarningCode } from './warnings.js'

/** Speaks up where nobody listens to events, so that a fault never stays silent on the first day. */
export interface Advice {
  refused(guard: string, refusal: Told): void
  heard(event: AuthEvent): void
}

/** What an error and an event of a refusal have in common. */
interface Told {
  readonly reason: RefusalEvent['reason']
  readonly detail?: string | undefined
}

/** A reason is told once in this time: a flood of bad tokens must not become a flood of lines. */
const QUIET_MS = 600_000

/** Issuers that tenants choose may fail as often as they like: so many are told of, and no more. */
const MAX_OUTAGES = 20

/**
 * Undefined where nothing is to be said. Refusals are told to developers, outages to operators too;
 * in the tests of an app refusals are wanted, so that lines about them would only hide others.
 *
 * @param wanted Decided by the environment, unless the app says so.
 */
export function createAdvice(
  wanted: boolean | undefined,
  env: NodeJS.ProcessEnv = process.env,
  timer: Pick<Timer, 'now'> = systemTimer,
): Advice | undefined {
  const isTest = env['NODE_ENV'] === 'test' || env['NODE_TEST_CONTEXT'] !== undefined
  if (!(wanted ?? !isTest)) return undefined
  const tellsRefusals = wanted ?? env['NODE_ENV'] !== 'production'
  const outages = createOutages(timer)
  const refused = tellsRefusals ? createRefusals(timer) : () => undefined
  return {
    refused,
    heard(event) {
      if (event.name === 'request.refused') refused(event.guard, event)
      const change = changeOf(event)
      if (change !== undefined) outages(change)
    },
  }
}

function createRefusals(timer: Pick<Timer, 'now'>): Advice['refused'] {
  const quietUntil = new Map<string, number>()
  return (guard, { reason, detail }) => {
    // Apps may raise the error with a reason of their own, of which there may be any number.
    if (!Object.hasOwn(REASONS, reason)) return
    const now = timer.now()
    if (now < (quietUntil.get(reason) ?? 0)) return
    quietUntil.set(reason, now + QUIET_MS)
    const { meaning, fix } = REASONS[reason]
    const came = detail === undefined ? meaning : sentence(printable(detail, 400))
    warn(
      'ERS_REFUSED',
      `${guard} refused a request (${reason}). ${came} ${fix} More: docs/reasons.md#${reason}. The next of this reason is told in 10 minutes; "onEvent" hears of each`,
    )
  }
}

interface Change {
  readonly of: string
  /** Undefined: the outage is over. */
  readonly outage: string | undefined
  readonly code: WarningCode
  readonly text: string
}

/** Tells each change once: an outage is one line and its end another, however long it takes. */
function createOutages(timer: Pick<Timer, 'now'>): (change: Change) => void {
  const known = new Map<string, { outage: string | undefined; quietUntil: number }>()
  return ({ of, outage, code, text }) => {
    const before = known.get(of)
    if (before?.outage === outage) return
    const now = timer.now()
    if (outage !== undefined && before?.outage === undefined) {
      // A fault that comes and goes by the second is told of once in a while.
      if (before === undefined ? known.size >= MAX_OUTAGES : now < before.quietUntil) return
    }
    known.set(of, { outage, quietUntil: now + QUIET_MS / 10 })
    warn(code, text)
  }
}

function changeOf(event: AuthEvent): Change | undefined {
  if (event.name === 'keys.failed') {
    const { issuer, detail } = event
    const text = `The keys of ${issuer} cannot be had: ${sentence(detail)} Tokens of new keys, or all of them, are answered by 503 until they can`
    return { of: `keys ${issuer}`, outage: 'failed', code: 'ERS_KEYS_UNAVAILABLE', text }
  }
  if (event.name === 'keys.recovered') {
    const text = `The keys of ${event.issuer} can be had again`
    return { of: `keys ${event.issuer}`, outage: undefined, code: 'ERS_KEYS_RECOVERED', text }
  }
  if (event.name !== 'revocation.state') return undefined
  const { store, state, detail } = event
  const of = `store ${store}`
  if (state === 'ready') {
    const text = `The revocation store "${store}" answers again`
    return { of, outage: undefined, code: 'ERS_STORE_RECOVERED', text }
  }
  if (state !== 'down' && state !== 'lost' && state !== 'refused') return undefined
  const why = detail === undefined ? '' : ` ${sentence(detail)}`
  const text = `The revocation store "${store}" cannot be asked (${state}).${why} Requests that need it are answered by 503`
  return { of, outage: state, code: 'ERS_STORE_UNAVAILABLE', text }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
