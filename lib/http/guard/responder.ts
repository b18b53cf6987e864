import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../../core/auth/auth.js'
import { systemClock, type Clock } from '../../core/clock.js'
import type { AuthError } from '../../core/verdicts/errors.js'
import { createEvents, type AuthEvent, type Events } from '../../core/events/events.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { letAppAnswer } from './app-answer.js'
import { refuserOfHandshake } from './handshake.js'
import { answerBy, type OnRefuse } from './middleware.js'
import type { Publication } from './publication.js'
import { refuse } from '../answer/refuse.js'
import type { ErrorFormat, RefusalStyle } from '../answer/style.js'

/** How a guard that stands alone answers and reports. */
export interface ResponderOptions {
  /** The protection space named in challenges (RFC 9110 §11.5). @default 'api' */
  readonly realm?: string | undefined
  /**
   * Body of a refusal: JSON by RFC 6750, or problem details by RFC 9457. A request with `Accept:
   * application/problem+json` gets the latter in any case. @default 'oauth'
   */
  readonly errorFormat?: ErrorFormat | undefined
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
  /** Told of every verdict. Never awaited; its errors never reach the request. */
  readonly onEvent?: ((event: AuthEvent) => void) | undefined
  /**
   * Whether faults are told on stderr where nobody listens to events: outside production the first
   * refusal of each reason, with its likeliest fix; everywhere an outage of keys and its end.
   * @default true, but false in a test run (`NODE_ENV` is `test`)
   */
  readonly advice?: boolean | undefined
  /** Answers refused requests instead of the package, for this guard and those behind it. */
  readonly onRefuse?: OnRefuse | undefined
}

/** A request, and the ways to answer it or to hand it on. */
export interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly next: (error?: unknown) => void
  /** Present once the token was verified. */
  readonly auth?: Auth | undefined
  /** When its verdict began, as `events.now()` gave it. */
  readonly startedAt?: number
}

/** How the `requireBearer` in front answers and reports; the guards behind it do the same. */
export interface Responder {
  readonly style: RefusalStyle
  readonly events: Events
  readonly clock: Clock
  /** Metadata that challenges tell of; none until an app publishes some. */
  readonly publication: Publication | undefined
  /** From then on each challenge says where the metadata are. */
  publish(publication: Publication): void
  /**
   * Reports a refusal and answers it, or leaves the answer to the app.
   *
   * @param onRefuse The guard's own, instead of the responder's.
   */
  refuse(guard: string, error: AuthError, exchange: Exchange, onRefuse?: OnRefuse): void
}

/** @param schemes What is taken besides or instead of plain `Bearer`. */
export function createResponder(
  check: OptionCheck,
  options: ResponderOptions,
  schemes: Pick<RefusalStyle, 'schemes' | 'schemeParameters'> = {},
): Responder {
  check.optionalFunction('clock', options.clock)
  check.optionalFunction('onEvent', options.onEvent)
  check.optionalFunction('onRefuse', options.onRefuse)
  const realm = options.realm === undefined ? 'api' : check.string('realm', options.realm)
  if (!/^[ !#-[\]-~]+$/.test(realm)) {
    check.refuse('realm', 'be printable ASCII without quotes and backslashes', realm)
  }
  const errorFormat = check.oneOf('errorFormat', options.errorFormat, ['oauth', 'problem'], 'oauth')
  let style: RefusalStyle = { realm, errorFormat, ...schemes }
  let publication: Publication | undefined
  const events = createEvents(options.onEvent, check.optionalBoolean('advice', options.advice))
  return {
    get style() {
      return style
    },
    events,
    clock: options.clock ?? systemClock,
    get publication() {
      return publication
    },
    publish(published) {
      publication = published
      const { challengeParameters, challengeScopes } = published
      style = { ...style, challengeParameters, challengeScopes }
    },
    refuse(guard, error, { req, res, next, auth, startedAt }, onRefuse = options.onRefuse) {
      events.refused(guard, error, { auth, told: req, startedAt })
      const answer = refuserOfHandshake(res) ?? onRefuse
      answerBy(next, () =>
        answer === undefined
          ? refuse(req, res, error, style)
          : letAppAnswer(answer, error, { req, res, next }, style),
      )
    },
  }
}
