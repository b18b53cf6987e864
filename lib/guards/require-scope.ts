import { AuthError } from '../core/errors.js'
import { optionCheck } from '../core/options.js'
import { hasAll, isScopeToken, splitScope } from '../core/scope.js'
import { authGuard, type GuardOptions } from '../http/auth-guard.js'
import type { Middleware } from '../http/middleware.js'

/**
 * Refuses a request unless its token grants all of `scopes`. Mount it per route, behind
 * `requireBearer`. Costs one set look-up a scope.
 *
 * | refused because                | status | challenge                                        |
 * | ------------------------------ | ------ | ------------------------------------------------ |
 * | a scope is missing             | 403    | `error="insufficient_scope"`, `scope="<needed>"` |
 * | anonymous (`optional: true`)   | 401    | without `error`, `scope="<needed>"`              |
 * | no `requireBearer` in front    | 500    | none; the fix is logged                          |
 *
 * @param scopes One scope, several joined by spaces, or a list.
 * @example
 * app.get('/notes', requireScope('notes:read'), handler)
 * app.post('/notes', requireScope(['notes:read', 'notes:write']), handler)
 *
 * @throws TypeError at construction, for a scope that RFC 6749 §3.3 does not allow.
 * @see RFC 6750 §3.1
 */
export function requireScope(
  scopes: string | readonly string[],
  options?: GuardOptions,
): Middleware {
  const required = scopeList('requireScope', scopes)
  const missing = { reason: 'scope_missing', scopes: required } as const
  return authGuard(
    {
      guard: 'requireScope',
      scopes: required,
      judge: (auth) =>
        hasAll(auth.scopes, required) ? undefined : new AuthError('insufficient_scope', missing),
    },
    options,
  )
}

/**
 * Refuses a request unless its token grants one of `alternatives`, each a scope or several joined
 * by spaces: `['profile email', 'admin']` is (profile and email) or admin. The challenge names the
 * first alternative: RFC 6750 §3 has no way to say "or".
 *
 * @throws TypeError at construction, for a scope that RFC 6749 §3.3 does not allow.
 */
export function requireAnyScope(
  alternatives: readonly string[],
  options?: GuardOptions,
): Middleware {
  const guard = 'requireAnyScope'
  if (!Array.isArray(alternatives)) {
    optionCheck(guard).refuse('alternatives', 'be a list of scopes', alternatives)
  }
  const accepted = alternatives.map((alternative) => scopeList(guard, alternative))
  const [first = scopeList(guard, '')] = accepted
  const missing = { reason: 'scope_missing', scopes: first } as const
  return authGuard(
    {
      guard,
      scopes: first,
      judge: (auth) =>
        accepted.some((required) => hasAll(auth.scopes, required))
          ? undefined
          : new AuthError('insufficient_scope', missing),
    },
    options,
  )
}

/** An empty list would let everybody pass, which is never what a guard was mounted for. */
function scopeList(guard: string, scopes: unknown): readonly string[] {
  const list = optionCheck(guard).strings('scopes', scopes).flatMap(splitScope)
  const bad = list.find((scope) => !isScopeToken(scope))
  if (list.length === 0 || bad !== undefined) {
    optionCheck(guard).refuse(
      'scopes',
      'be scopes (RFC 6749 §3.3) like "notes:read"',
      bad ?? scopes,
    )
  }
  return [...new Set(list)]
}
