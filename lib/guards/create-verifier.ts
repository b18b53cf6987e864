import { systemClock, type Clock } from '../core/clock.js'
import type { Auth } from '../core/auth/auth.js'
import { AuthError } from '../core/verdicts/errors.js'
import { createEvents } from '../core/events/events.js'
import { optionCheck } from '../core/options/option-check.js'
import { maxTokenCharsOf, tooLarge } from '../http/request/credentials.js'
import { KNOWN_INTROSPECTION_OPTIONS } from '../tokens/introspection/asking/options.js'
import { KNOWN_ISSUER_OPTIONS } from '../tokens/issuers/policy/options.js'
import type { IssuerStatus, TrustedIssuers } from '../tokens/issuers/registry/registry.js'
import type { BearerOptions } from './bearer/options.js'
import { createTrust } from './bearer/source.js'

/** Whose tokens are taken, as for `requireBearer`. */
export type VerifierOptions = VerifierRules & TrustedIssuers

export type VerifierRules = Pick<
  BearerOptions,
  'introspection' | 'verifiedTokens' | 'maxTokenChars' | 'clock' | 'onEvent' | 'advice'
>

/** Judges tokens that no request carries: first messages of sockets, jobs from a queue. */
export interface Verifier {
  /**
   * The same `Auth` that `requireBearer` would leave for this token in a header.
   *
   * It rejects with an `AuthError` for every refusal, so that a refusal cannot be overlooked: `invalid_token` for a fault
   * of the token, `temporarily_unavailable` where we cannot know. The denylist is not asked.
   */
  verify(token: string): Promise<Auth>
  /** Resolves once the keys of every listed issuer are there; rejects when they cannot be had. */
  ready(): Promise<void>
  /** The state of each issuer's keys, for health checks. */
  status(): readonly IssuerStatus[]
  /** Stops refreshing keys, as that of `requireBearer` does. */
  close(): void
}

const NAMES = [
  ...KNOWN_ISSUER_OPTIONS,
  ...KNOWN_INTROSPECTION_OPTIONS,
  'issuers',
  'verifiedTokens',
  'maxTokenChars',
  'clock',
  'onEvent',
  'advice',
]

/**
 * Judges tokens that no request carries, such as those of sockets and jobs, as `requireBearer` judges
 * one in a header. The denylist is not asked: hand the `Auth` to `check` of your store.
 *
 * @example
 * const verifier = createVerifier({ issuer: 'https://id.example.com', audience: 'https://api.example.com' })
 * const auth = await verifier.verify(job.token)
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const check = optionCheck('createVerifier')
  check.known(options, NAMES)
  check.optionalFunction('clock', options.clock)
  check.optionalFunction('onEvent', options.onEvent)
  const events = createEvents(options.onEvent, check.optionalBoolean('advice', options.advice))
  const maxChars = maxTokenCharsOf(check, options.maxTokenChars)
  const clock: Clock = options.clock ?? systemClock
  const { issuers, jwt } = createTrust(check, options, { events, clock })

  return {
    async verify(token) {
      if (typeof token !== 'string') throw new TypeError('verify: the token is not a string')
      const startedAt = events.now()
      const verdict =
        token.length > maxChars
          ? tooLarge(maxChars)
          : await (jwt.recall(token) ?? jwt.verify({ token, transport: 'header' }, token))
      if (verdict instanceof AuthError) {
        events.refused('createVerifier', verdict, { startedAt })
        throw verdict
      }
      events.accepted('createVerifier', verdict.auth, undefined, startedAt)
      return verdict.auth
    },
    ready: () => issuers.ready(),
    status: () => issuers.status(),
    close: () => issuers.close(),
  }
}
