import type { IncomingMessage } from 'node:http'
import type { Auth } from '../../core/auth/auth.js'
import type { Clock } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { optionCheck } from '../../core/options/option-check.js'
import { authState, misplaced } from './auth-state.js'
import { withFacts } from './facts.js'
import { toErrorHandler, type Middleware, type OnRefuse } from './middleware.js'

/** What every guard over a verified token accepts. */
export interface GuardOptions {
  /** Answers refused requests instead of the package. @default what `requireBearer` in front does */
  readonly onRefuse?: OnRefuse | undefined
}

export interface AuthGuardRule {
  /** Name of the guard, for messages and events. */
  readonly guard: string
  /** Scopes to name in the challenge of an anonymous request. */
  readonly scopes: readonly string[]
  /** The refusal, or undefined to let the request pass. */
  readonly judge: (auth: Auth, req: IncomingMessage, clock: Clock) => AuthError | undefined
}

/**
 * A guard over what `requireBearer` left: judges the verified token, asks an anonymous request for
 * one, and answers as the `requireBearer` in front does.
 */
export function authGuard(rule: AuthGuardRule, options: GuardOptions = {}): Middleware {
  const { guard, scopes, judge } = rule
  const check = optionCheck(guard)
  check.known(options, ['onRefuse'])
  check.optionalFunction('onRefuse', options.onRefuse)
  const anonymous = { reason: 'no_credential', scopes } as const

  const asking: Middleware = function authGuardMiddleware(req, res, next) {
    const state = authState(req)
    if (state === undefined) {
      misplaced(guard, next)
      return
    }
    const { auth } = state
    let error: AuthError | undefined
    try {
      error =
        auth === undefined
          ? new AuthError('no_credential', anonymous)
          : judge(auth, req, state.responder.clock)
    } catch (failure) {
      toErrorHandler(next)(failure)
      return
    }
    if (error === undefined) {
      next()
      return
    }
    state.responder.refuse(guard, error, { req, res, next, auth }, options.onRefuse)
  }
  return withFacts(asking, () => [{ kind: 'rights' }])
}
