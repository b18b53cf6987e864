import type { IncomingMessage } from 'node:http'
import { atOnce } from '../../core/app-function.js'
import { coversDetail, type AuthorizationDetail } from '../../core/auth/details.js'
import { optionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { authGuard, type GuardOptions } from '../../http/guard/auth-guard.js'
import type { Middleware } from '../../http/guard/middleware.js'
import { ownClaim } from '../../tokens/jwt/claims.js'

/** What a request needs. As a method, so that a host's own kind of request may be named in it. */
export type NeededDetail = { of(req: IncomingMessage): AuthorizationDetail }['of']

const GUARD = 'requireAuthorizationDetails'

/**
 * Refuses a request unless one entry of the token's `authorization_details` (RFC 9396) is at least what
 * your function says that the request needs. Mount it per route, behind `requireBearer`.
 *
 * An entry is at least that if it has the same `type`, and each member of yours: lists with each of your
 * items, objects with each of your members, other values exactly. Where the entry has `locations`,
 * `actions`, `datatypes`, `identifier` or `privileges`, yours must name that field too, because it
 * bounds what was granted. Name each member of your own types that bounds as well. Entries are never
 * added up. An empty list is not granted, and neither is a member that is undefined.
 *
 * | refused because                                 | status | challenge                                        |
 * | ----------------------------------------------- | ------ | ------------------------------------------------ |
 * | no entry is enough, or there is none            | 403    | `error="insufficient_scope"` without `scope`     |
 * | anonymous (`optional: true`)                    | 401    | without `error`                                  |
 *
 * @param needed Returns the detail that this request needs, at once.
 * @example
 * app.post('/accounts/:id/payments', requireAuthorizationDetails((req: Request) => ({
 *   type: 'payment', actions: ['initiate'], identifier: req.params.id,
 * })), handler)
 *
 * @throws TypeError at construction, for anything but a function; at a request, where the function
 *   returns no detail, for the error handler of the app.
 * @see RFC 9396 §2.2 and §12
 */
export function requireAuthorizationDetails(
  needed: NeededDetail,
  options?: GuardOptions,
): Middleware {
  if (typeof needed !== 'function') {
    optionCheck(GUARD).refuse('needed', 'be a function that returns a detail', needed)
  }
  return authGuard(
    {
      guard: GUARD,
      scopes: [],
      judge(auth, req) {
        const detail: unknown = atOnce(needed(req))
        if (!isDetail(detail)) {
          throw new TypeError(`${GUARD}: the function must return an object with a "type", at once`)
        }
        const granted = ownClaim(auth.claims, 'authorization_details')
        const isGranted =
          Array.isArray(granted) && granted.some((entry) => coversDetail(entry, detail))
        return isGranted
          ? undefined
          : new AuthError('insufficient_scope', {
              reason: 'authorization_details_missing',
              detail: `No entry of the type ${detail.type} is at least what this request needs`,
            })
      },
    },
    options,
  )
}

function isDetail(value: unknown): value is AuthorizationDetail {
  return isRecord(value) && typeof value['type'] === 'string'
}
