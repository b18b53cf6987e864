import type { IncomingMessage } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { atOnce } from '../../core/app-function.js'
import type { Auth } from '../../core/auth/auth.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { isRequest, optionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import { authGuard, type GuardOptions } from '../../http/guard/auth-guard.js'
import type { Middleware } from '../../http/guard/middleware.js'

/** As a method, so that a host's own kind of request may be named in it. */
export type ClaimsPredicate = { of(auth: Auth, req: IncomingMessage): boolean }['of']

/**
 * Refuses a request unless its token's claims are as `expected`: an object of claims to compare by
 * value, or a predicate over the verified token and the request. Mount it per route, behind
 * `requireBearer`.
 *
 * A claim that is a list matches if it holds the expected value. Answers 403 `insufficient_scope`.
 *
 * @example
 * app.use('/eu', requireClaims({ region: 'eu', email_verified: true }))
 * app.use('/staff', requireClaims((auth) => auth.subject?.startsWith('staff|') === true))
 * app.get('/users/:id', requireClaims((auth, req: Request) => auth.subject === req.params.id))
 *
 * @throws TypeError at construction, for anything but a predicate or a non-empty object.
 */
export function requireClaims(
  expected: Readonly<Record<string, unknown>> | ClaimsPredicate,
  options?: GuardOptions,
): Middleware {
  const guard = 'requireClaims'
  const isExpected: (auth: Auth, req: IncomingMessage) => unknown =
    typeof expected === 'function' ? expected : comparison(guard, expected)
  const refusal = {
    reason: 'claim_mismatch',
    detail:
      typeof expected === 'function'
        ? 'The predicate of requireClaims refused'
        : `Needs other values of ${Object.keys(expected).join(', ')}`,
  } as const
  return authGuard(
    {
      guard,
      scopes: [],
      // Only `true` lets pass: a predicate that returns a promise would else pass everybody.
      judge: (auth, req) =>
        atOnce(isExpected(auth, req)) === true
          ? undefined
          : new AuthError('insufficient_scope', refusal),
    },
    options,
  )
}

function comparison(
  guard: string,
  expected: Readonly<Record<string, unknown>>,
): (auth: Auth) => boolean {
  if (!isRecord(expected) || Object.keys(expected).length === 0 || isRequest(expected)) {
    optionCheck(guard).refuse('expected', 'be a predicate or an object of claims', expected)
  }
  const entries = Object.entries(expected)
  return ({ claims }) => entries.every(([name, value]) => matches(claims, name, value))
}

function matches(claims: Auth['claims'], name: string, value: unknown): boolean {
  if (!Object.hasOwn(claims, name)) return false
  const claim = claims[name]
  if (isDeepStrictEqual(claim, value)) return true
  return Array.isArray(claim) && claim.some((item) => isDeepStrictEqual(item, value))
}
