import type { Timer } from '../core/clock.js'
import { optionCheck } from '../core/options/option-check.js'
import { isRecord, messageOf } from '../core/values.js'
import type { AuthError } from '../core/verdicts/errors.js'
import { printable, refusalEvent, type Events } from '../core/events/events.js'
import { ensureFetchable } from '../net/network/address-guard.js'
import { nextFailure, type Failure } from '../net/backoff.js'
import { FetchError } from '../net/fetch-error.js'
import { parseJson } from '../net/fetch/fetch-json.js'
import { compileNetwork, type NetworkOptions } from '../net/network/network-options.js'
import type { Network } from '../net/network/network.js'
import { postForm } from '../net/fetch/post-form.js'
import type { Receiver } from './receiver.js'
import { setError, type SetError } from './delivery/set-error.js'

export interface PollOptions {
  /** `delivery.endpoint_url` of the stream. */
  readonly endpoint: string | URL
  /** The `Authorization` header for it. A function is called before each request. */
  readonly authorization: string | (() => string | Promise<string>)
  /** Between two polls while there is nothing new, in seconds, 0.1 to 3600. @default 5 */
  readonly intervalSeconds?: number | undefined
  /** Events asked for at once, 1 to 1000. @default 100 */
  readonly maxEvents?: number | undefined
  /** How the endpoint is reached, as for `requireBearer`, but for `headers`. */
  readonly network?: Omit<NetworkOptions, 'headers'> | undefined
}

export interface Polling {
  /** Resolves when nothing of it is under way any more. Events that were stored and not yet acknowledged come again. */
  stop(): Promise<void>
  status(): PollingStatus
}

export interface PollingStatus {
  readonly ready: boolean
  readonly state: 'starting' | 'polling' | 'failing' | 'stopped'
  /** Why it fails. */
  readonly detail?: string | undefined
}

export interface PollingContext {
  readonly issuer: string
  readonly receiver: Receiver
  readonly events: Events
  readonly timer: Timer
}

const NAMES: readonly (keyof PollOptions)[] = [
  'endpoint',
  'authorization',
  'intervalSeconds',
  'maxEvents',
  'network',
]

const TIMEOUT_MS = 10_000
const MAX_BYTES = 4_194_304

/** What the next request tells of the events of the last (RFC 8936 §2.2). */
interface Told {
  readonly ack: string[]
  readonly setErrs: Map<string, SetError>
}

/**
 * Polls a transmitter (RFC 8936): takes each event in, acknowledges it with the next request, and goes on
 * at once as long as new ones come. Events that cannot be stored are not acknowledged, and come again. It never
 * keeps the process alive.
 */
export function startPolling(options: PollOptions, context: PollingContext): Polling {
  const settings = compile(options)
  const { issuer, receiver, events, timer } = context
  const stopping = new AbortController()
  let state: PollingStatus['state'] = 'starting'
  let failure: Failure | undefined
  let told: Told = nothing()
  let cancel: (() => void) | undefined
  let running: Promise<void> = Promise.resolve()

  /** @returns whether the next poll is due at once. */
  async function once(): Promise<boolean> {
    const sets = await fetchSets(settings, told, stopping.signal)
    told = nothing()
    let stored = 0
    let outage: AuthError | undefined
    for (const [jti, token] of sets) {
      if (stopping.signal.aborted) return false
      // A transmitter that sends what it was told of, by whatever name, must not keep us busy.
      const isNew = !receiver.knows(token)
      const refusal = await receiver.receive(token)
      if (refusal === undefined) {
        told.ack.push(jti)
        if (isNew) stored += 1
      } else if (refusal.family === 'dependency') outage = refusal
      else told.setErrs.set(jti, refuse(refusal))
    }
    if (outage !== undefined) throw new FetchError(outage.detail ?? outage.message)
    return stored > 0
  }

  function refuse(refusal: AuthError): SetError {
    events.emit(Object.assign(refusalEvent('sharedSignals', refusal), { status: 400 }))
    return setError(refusal)
  }

  async function turn(): Promise<void> {
    let delayMs: number
    try {
      delayMs = (await once()) ? 0 : settings.intervalMs
      if (stopping.signal.aborted) return
      if (failure !== undefined)
        events.emit({ name: 'signal.recovered', issuer: printable(issuer) })
      failure = undefined
      state = 'polling'
    } catch (error) {
      if (stopping.signal.aborted) return
      failure = nextFailure(failure, error, timer.now())
      delayMs = Math.max(failure.retryAt - timer.now(), 0)
      state = 'failing'
      const detail = printable(failure.message, 400)
      events.emit({ name: 'signal.failed', issuer: printable(issuer), detail })
    }
    schedule(delayMs)
  }

  function schedule(delayMs: number): void {
    if (stopping.signal.aborted) return
    cancel = timer.after(delayMs, () => {
      running = turn()
    })
  }

  schedule(0)
  return {
    stop() {
      stopping.abort()
      cancel?.()
      state = 'stopped'
      return running
    },
    status: () => ({ ready: state === 'polling', state, detail: failure?.message }),
  }
}

interface Settings {
  readonly url: URL
  readonly network: Network
  readonly intervalMs: number
  readonly maxEvents: number
}

function compile(options: PollOptions): Settings {
  const check = optionCheck('sharedSignals.poll')
  check.known(options, NAMES)
  const { endpoint, authorization, intervalSeconds, maxEvents, network: given } = options
  const href = String(endpoint)
  if (!URL.canParse(href)) check.refuse('endpoint', 'be an absolute URL', endpoint)
  const url = new URL(href)
  if (
    typeof authorization !== 'function' &&
    (typeof authorization !== 'string' || authorization === '')
  ) {
    check.refuse('authorization', 'be the value of a header, or a function', '(not shown)')
  }
  const network = compileNetwork(check, withHeader(given, authorization), [url])
  try {
    ensureFetchable(url, network.allowance)
  } catch (error) {
    check.refuse('endpoint', `be an https URL without credentials. ${messageOf(error)}`, href)
  }
  const seconds = check.number('intervalSeconds', intervalSeconds, {
    fallback: 5,
    min: 0.1,
    max: 3600,
  })
  const whole = { fallback: 100, min: 1, max: 1000, integer: true }
  const intervalMs = seconds * 1000
  return {
    url,
    network,
    intervalMs,
    maxEvents: check.number('maxEvents', maxEvents, whole),
  }
}

/** By way of the network, which sends it nowhere else, and tells nobody what a function of the app threw. */
function withHeader(
  given: PollOptions['network'],
  authorization: PollOptions['authorization'],
): NetworkOptions {
  const headers =
    typeof authorization === 'string'
      ? { authorization }
      : async () => ({ authorization: await authorization() })
  return { ...given, headers }
}

function nothing(): Told {
  return { ack: [], setErrs: new Map() }
}

/** @throws FetchError for whatever goes wrong. */
async function fetchSets(
  { url, network, maxEvents }: Settings,
  { ack, setErrs }: Told,
  stopped: AbortSignal,
): Promise<readonly (readonly [jti: string, token: string])[]> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const body = JSON.stringify({
    maxEvents,
    returnImmediately: true,
    ack,
    setErrs: Object.fromEntries(setErrs),
  })
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)])
  const { text } = await postForm(url, { headers, body }, { signal, maxBytes: MAX_BYTES, network })
  const parsed = parseJson(text)
  const sets = isRecord(parsed) ? parsed['sets'] : undefined
  if (!isRecord(sets)) throw new FetchError('The answer has no object "sets"')
  const entries = Object.entries(sets).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return entries.slice(0, maxEvents)
}
