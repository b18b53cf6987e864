import { randomUUID } from 'node:crypto'
import type { Clock } from '../core/clock.js'
import { isRecord } from '../core/values.js'
import { typeOf } from '../signals/event-types.js'
import type { PollOptions } from '../signals/poll.js'
import type { SharedSignalsOptions } from '../signals/shared-signals.js'
import type { UniversalLogoutOptions } from '../signals/logout-options.js'
import type { KeyRing } from './key-ring.js'
import type { JsonObject } from './signing-key.js'

export interface TestTransmitterOptions {
  /** The receiver, as `aud` names it. @default 'https://api.test/signals' */
  readonly audience?: string | undefined
  /** The `Authorization` header of pushes and polls. @default 'Bearer test-transmitter' */
  readonly authorization?: string | undefined
}

/** What differs from a good event; undefined leaves a claim out. */
export interface TestSignal {
  /** `sub_id`. @default the user of the tokens, `user-1` */
  readonly subject?: unknown
  /** Members of the event itself. */
  readonly payload?: JsonObject | undefined
  readonly claims?: JsonObject | undefined
  readonly header?: JsonObject | undefined
}

export interface PushAnswer {
  readonly status: number
  /** Of a refusal. */
  readonly err: string | undefined
}

/** A transmitter of security events (OpenID SSF 1.0), over real sockets. */
export interface TestTransmitter {
  /** For `sharedSignals`. */
  readonly options: SharedSignalsOptions
  /** For `sharedSignals(...).poll`. Needs `listen()`. */
  readonly pollOptions: PollOptions
  /** For `universalLogout`, mounted where the name of the receiver says. */
  readonly logoutOptions: UniversalLogoutOptions
  /** A signed event, by the last part of its name (`session-revoked`) or its full one. */
  securityEvent(name: string, signal?: TestSignal): string
  /** The token that a universal logout brings. It names no user: that is in the body. */
  logoutToken(claims?: JsonObject, header?: JsonObject): string
  /** Posts an event to a receiver (RFC 8935). */
  push(url: string, event: string): Promise<PushAnswer>
  /** Keeps an event until it is polled and acknowledged (RFC 8936). */
  enqueue(event: string): void
  /** `jti` of the events that were acknowledged. */
  readonly acknowledged: readonly string[]
  /** `err` of those that were refused, by `jti`. */
  readonly refused: Readonly<Record<string, string>>
}

export interface PollEndpoint {
  readonly queue: Map<string, string>
  readonly acknowledged: string[]
  readonly refused: Map<string, string>
  authorization: string
  answer(authorization: string | undefined, asked: unknown): object
}

export function createPollEndpoint(): PollEndpoint {
  const endpoint: PollEndpoint = {
    queue: new Map(),
    acknowledged: [],
    refused: new Map(),
    authorization: '',
    answer(authorization, asked) {
      // A receiver that sends another one gets nothing.
      if (authorization !== endpoint.authorization || !isRecord(asked))
        return { error: 'unauthorized' }
      const { ack, setErrs, maxEvents } = asked
      for (const jti of Array.isArray(ack) ? ack.map(String) : []) {
        if (endpoint.queue.delete(jti)) endpoint.acknowledged.push(jti)
      }
      for (const [jti, error] of Object.entries(isRecord(setErrs) ? setErrs : {})) {
        const err = isRecord(error) ? String(error['err']) : ''
        if (endpoint.queue.delete(jti)) endpoint.refused.set(jti, err)
      }
      const sets = [...endpoint.queue].slice(0, Number(maxEvents ?? 100))
      return { sets: Object.fromEntries(sets), moreAvailable: endpoint.queue.size > sets.length }
    },
  }
  return endpoint
}

interface Transmitting {
  readonly keys: KeyRing
  readonly polled: PollEndpoint
  readonly clock: Clock
  readonly issuer: () => string
  /** Where the keys are. */
  readonly source: () => object
  readonly pollUrl: () => string
}

const USER = 'user-1'
const LIFETIME_SECONDS = 300

export function createTransmitter(
  {
    audience = 'https://api.test/signals',
    authorization = 'Bearer test-transmitter',
  }: TestTransmitterOptions,
  { keys, polled, clock, issuer, source, pollUrl }: Transmitting,
): TestTransmitter {
  polled.authorization = authorization
  const stamped = (): JsonObject => ({
    iss: issuer(),
    iat: Math.floor(clock()),
    jti: randomUUID(),
    aud: audience,
  })

  return {
    get options() {
      return { issuer: issuer(), audience, authorization, ...source() }
    },
    get pollOptions() {
      return { endpoint: pollUrl(), authorization, intervalSeconds: 0.1 }
    },
    get logoutOptions() {
      return { issuer: issuer(), audience, ...source() }
    },
    securityEvent(name, { subject, payload = {}, claims, header } = {}) {
      const events = { [typeOf(name) ?? name]: payload }
      const sub_id = subject ?? { format: 'iss_sub', iss: issuer(), sub: USER }
      const own = { ...stamped(), sub_id, events, ...claims }
      return keys.current().sign({ typ: 'secevent+jwt', ...header }, own)
    },
    logoutToken(claims, header) {
      const now = Math.floor(clock())
      const own = { ...stamped(), sub: 'okta-client', nbf: now, exp: now + LIFETIME_SECONDS }
      const typ = 'global-token-revocation+jwt'
      return keys.current().sign({ typ, ...header }, { ...own, ...claims })
    },
    async push(url, event) {
      const headers = { 'content-type': 'application/secevent+jwt', authorization }
      const response = await fetch(url, { method: 'POST', headers, body: event })
      const body = await response.text()
      const told: unknown = body === '' ? {} : JSON.parse(body)
      const err = isRecord(told) && typeof told['err'] === 'string' ? told['err'] : undefined
      return { status: response.status, err }
    },
    enqueue(event) {
      const [, claims = ''] = event.split('.')
      const parsed: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString())
      polled.queue.set(String(isRecord(parsed) ? parsed['jti'] : ''), event)
    },
    get acknowledged() {
      return polled.acknowledged
    },
    get refused() {
      return Object.fromEntries(polled.refused)
    },
  }
}
