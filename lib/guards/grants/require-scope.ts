import { optionCheck } from '../../core/options/option-check.js'
import { isScopeToken, splitScope } from '../../core/auth/scope.js'
import type { GuardOptions } from '../../http/guard/auth-guard.js'
import type { Middleware } from '../../http/guard/middleware.js'
import { withScopes } from '../../http/guard/protection.js'
import {
  nameList,
  setGuard,
  splitNames,
  type NamesAndOptions,
  type SetRule,
} from '../../http/guard/set-guard.js'

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
 * @param scopes One scope or more: one by one, joined by spaces, or in a list.
 * @example
 * app.get('/notes', requireScope('notes:read'), handler)
 * app.post('/notes', requireScope('notes:read', 'notes:write'), handler)
 *
 * @throws TypeError at construction, for a scope that RFC 6749 §3.3 does not allow.
 * @see RFC 6750 §3.1
 */
export function requireScope(scopes: string | readonly string[], options?: GuardOptions): Middleware
export function requireScope(...scopes: readonly string[]): Middleware
export function requireScope(...args: NamesAndOptions): Middleware {
  const { names, options } = splitNames(args)
  return scopeGuard('requireScope', [scopeList('requireScope', names)], options)
}

/**
 * Refuses a request unless its token grants one of `alternatives`, each a scope or several joined
 * by spaces: `['profile email', 'admin']` is (profile and email) or admin. The challenge names the
 * first alternative: RFC 6750 §3 has no way to say "or".
 *
 * @throws TypeError at construction, for a scope that RFC 6749 §3.3 does not allow.
 */
export function requireAnyScope(alternatives: readonly string[], options?: GuardOptions): Middleware
export function requireAnyScope(...alternatives: readonly string[]): Middleware
export function requireAnyScope(...args: NamesAndOptions): Middleware {
  const guard = 'requireAnyScope'
  const { names, options } = splitNames(args)
  const accepted = nameList(guard, 'alternatives', names).map((item) => scopeList(guard, item))
  return scopeGuard(guard, accepted, options)
}

function scopeGuard(
  guard: string,
  accepted: readonly (readonly string[])[],
  options?: GuardOptions,
): Middleware {
  const rule: SetRule = {
    guard,
    noun: 'scope',
    reason: 'scope_missing',
    granted: (auth) => auth.scopes,
    accepted,
    challengeScopes: accepted[0] ?? [],
  }
  return withScopes(setGuard(rule, options), accepted.flat())
}

function scopeList(guard: string, scopes: unknown): readonly string[] {
  const list = nameList(guard, 'scopes', scopes).flatMap(splitScope)
  const bad = list.find((scope) => !isScopeToken(scope))
  if (list.length === 0 || bad !== undefined) {
    const wanted = 'be scopes like "notes:read": printable ASCII without quotes and backslashes'
    optionCheck(guard).refuse('scopes', wanted, bad ?? scopes)
  }
  return [...new Set(list)]
}
