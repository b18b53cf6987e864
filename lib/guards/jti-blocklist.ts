import type { IncomingMessage } from 'node:http'
import { atOnce } from '../core/app-function.js'
import type { Auth } from '../core/auth/auth.js'
import { noteRevoked } from '../core/auth/revoked-auth.js'
import type { AuthError } from '../core/verdicts/errors.js'
import { printable, tokenFacts } from '../core/events/events.js'
import { lookedUp, lookupStart } from '../core/events/lookups.js'
import { optionCheck } from '../core/options/option-check.js'
import { isThenable, messageOf } from '../core/values.js'
import { enterStoreGuard } from '../http/guard/auth-state.js'
import { withFacts } from '../http/guard/facts.js'
import { answerBy, toErrorHandler, type Middleware } from '../http/guard/middleware.js'
import type { Denylist } from '../http/guard/recheck.js'
import type { Exchange, Responder } from '../http/guard/responder.js'
import { storeOutage } from '../revocation/asking/outage.js'
import { requireChecker } from '../revocation/asking/store-option.js'
import type { RevocationChecker, RevocationVerdict } from '../revocation/store.js'
import { isVerdict, noVerdict, revokedToken } from '../revocation/asking/verdict.js'
import { denylistRecheck } from './streams/denylist.js'

export type OnUnavailable = 'refuse' | 'dangerouslyAllow'

export interface JtiBlocklistOptions {
  /**
   * What to do with a verified token while the denylist cannot be asked. `refuse` answers 503;
   * `dangerouslyAllow` lets it pass, revoked or not, with an event each time. @default 'refuse'
   */
  readonly onUnavailable?:
    OnUnavailable | ((auth: Auth, req: IncomingMessage) => OnUnavailable) | undefined
}

const GUARD = 'jtiBlocklist'

/**
 * Refuses a revoked token. Mount it behind `requireBearer`: only verified tokens are asked about, so
 * that forged ones cannot flood the store.
 *
 * One look-up a request, batched with those of the same tick where the store is remote.
 *
 * | refused because                                   | status | challenge               |
 * | ------------------------------------------------- | ------ | ----------------------- |
 * | token, session, user, client or issuer is revoked | 401    | `error="invalid_token"` |
 * | issued before the denylist lost what it knew      | 401    | `error="invalid_token"` |
 * | the denylist cannot be asked                      | 503    | none; `Retry-After`     |
 *
 * @example
 * const revocations = redisRevocationStore({ redis: process.env.REDIS_URL })
 * app.use('/api', requireBearer({ issuer, audience }), jtiBlocklist(revocations))
 *
 * @throws TypeError at construction, for a store that is none or an unknown option.
 */
export function jtiBlocklist(
  checker: RevocationChecker,
  options: JtiBlocklistOptions = {},
): Middleware {
  const check = optionCheck(GUARD)
  requireChecker(check, checker)
  check.known(options, ['onUnavailable'])
  const { onUnavailable = 'refuse' } = options
  if (typeof onUnavailable !== 'function') {
    check.oneOf('onUnavailable', onUnavailable, ['refuse', 'dangerouslyAllow'], 'refuse')
  }

  function judged(verdict: unknown, exchange: Judged): void {
    if (!isVerdict(verdict)) failed(noVerdict(), exchange)
    else if (verdict.revoked) {
      noteRevoked(exchange.auth)
      refuse(revokedToken(verdict.by), exchange)
    } else exchange.next()
  }

  function bypasses(cause: unknown, { auth, req, responder }: Bypassing): boolean {
    const action =
      typeof onUnavailable === 'function' ? atOnce(onUnavailable(auth, req)) : onUnavailable
    if (action !== 'dangerouslyAllow') return false
    const detail = printable(messageOf(cause), 400)
    responder.events.emit({ name: 'revocation.bypassed', token: tokenFacts(auth), detail })
    return true
  }

  function failed(cause: unknown, exchange: Judged): void {
    let passes: boolean
    try {
      passes = bypasses(cause, exchange)
    } catch (error) {
      toErrorHandler(exchange.next)(error)
      return
    }
    if (passes) exchange.next()
    else refuse(storeOutage('revocation_unavailable', cause), exchange)
  }

  /** In a promise callback nobody catches what the handlers behind throw, where their host does not. */
  function judgedLater(verdict: unknown, exchange: Judged): void {
    try {
      judged(verdict, exchange)
    } catch (error) {
      toErrorHandler(exchange.next)(error)
    }
  }

  function failedLater(cause: unknown, exchange: Judged): void {
    answerBy(exchange.next, () => failed(cause, exchange))
  }

  const denylist: Denylist = { recheck: denylistRecheck(checker, bypasses), before: undefined }

  const guard: Middleware = function jtiBlocklistMiddleware(req, res, next) {
    const state = enterStoreGuard(GUARD, denylist, req, next)
    if (state === undefined) return
    const { auth, responder } = state
    const startedAt = lookupStart()
    let verdict: RevocationVerdict | Promise<RevocationVerdict>
    try {
      verdict = checker.check(auth)
    } catch (error) {
      lookedUp(startedAt, 'unavailable')
      failed(error, { req, res, next, auth, responder })
      return
    }
    const exchange = { req, res, next, auth, responder }
    if (isThenable(verdict)) {
      verdict.then(
        (answer) => {
          tellLookup(startedAt, answer)
          judgedLater(answer, exchange)
        },
        (error: unknown) => {
          lookedUp(startedAt, 'unavailable')
          failedLater(error, exchange)
        },
      )
    } else {
      tellLookup(startedAt, verdict)
      judged(verdict, exchange)
    }
  }
  const told = typeof onUnavailable === 'function' ? 'a function' : onUnavailable
  return withFacts(guard, () => [{ kind: 'blocklist', onUnavailable: told }])
}

interface Bypassing extends Pick<Exchange, 'req'> {
  readonly auth: Auth
  readonly responder: Responder
}

type Judged = Exchange & Bypassing

/** Reads the verdict only where somebody listens. */
function tellLookup(startedAt: number, verdict: unknown): void {
  if (startedAt === 0) return
  if (!isVerdict(verdict)) lookedUp(startedAt, 'unavailable')
  else lookedUp(startedAt, verdict.revoked ? 'revoked' : 'good')
}

function refuse(error: AuthError, exchange: Judged): void {
  exchange.responder.refuse(GUARD, error, exchange)
}
