import type { Timer } from '../../../core/clock.js'
import { AuthError } from '../../../core/verdicts/errors.js'
import { printable, type AuthEvent } from '../../../core/events/events.js'
import type { FetchError } from '../../../net/fetch-error.js'
import { Breaker } from './breaker.js'

export interface OutagesSetup {
  readonly issuer: string
  readonly timer: Timer
  readonly emit: (event: AuthEvent) => void
}

/** A longer hint of an issuer in trouble must not become our outage. */
const MAX_RETRY_SECONDS = 60
/** The endpoint refuses whoever asks, not the token that is asked about (RFC 7662 §2.3). */
const UNAUTHORIZED = [401, 403]

/** What a failed call means for the request, and for those after it: always 503, never a bad token. */
export class Outages {
  readonly #options: OutagesSetup
  readonly #breaker: Breaker

  constructor(options: OutagesSetup) {
    this.#options = options
    this.#breaker = new Breaker(options.timer)
  }

  /** The refusal while calls would only make it worse. */
  current(): AuthError | undefined {
    const wait = this.#breaker.waitSeconds()
    const why = this.#breaker.failure ?? 'unknown'
    return wait === 0
      ? undefined
      : unavailable('introspection_unavailable', `It failed a moment ago: ${why}`, wait)
  }

  closed(): AuthError {
    return unavailable('introspection_unavailable', 'The guard was closed')
  }

  failed(error: FetchError): AuthError {
    const { issuer, emit } = this.#options
    const { status = 0 } = error
    this.#breaker.failed(error)
    const unauthorized = UNAUTHORIZED.includes(status)
    const detail = printable(error.message, 400)
    emit({ name: 'introspection.failed', issuer: printable(issuer), unauthorized, detail })
    const reason = unauthorized ? 'introspection_unauthorized' : 'introspection_unavailable'
    const wait = Math.min(error.retryAfterSeconds ?? this.#breaker.waitSeconds(), MAX_RETRY_SECONDS)
    return unavailable(reason, detail, wait)
  }

  over(): void {
    const { issuer, emit } = this.#options
    if (this.#breaker.succeeded())
      emit({ name: 'introspection.recovered', issuer: printable(issuer) })
  }
}

/** Without a cause: errors of the protocol hold the answer, and that may hold the token. */
function unavailable(
  reason: 'introspection_unavailable' | 'introspection_unauthorized',
  detail: string,
  retryAfterSeconds = 1,
): AuthError {
  return new AuthError('temporarily_unavailable', { reason, detail, retryAfterSeconds })
}
