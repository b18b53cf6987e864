import type { GuardOptions } from '../../http/guard/auth-guard.js'
import type { Middleware } from '../../http/guard/middleware.js'
import {
  nameList,
  setGuard,
  splitNames,
  type NamesAndOptions,
  type SetRule,
} from '../../http/guard/set-guard.js'

/**
 * Refuses a request unless its token carries all of `roles`, read by the issuer's `claims.roles`. Mount
 * it per route, behind `requireBearer`.
 *
 * Answers 403 `insufficient_scope` without naming a scope: a client cannot ask for a role. The event
 * tells which roles were needed.
 *
 * @example
 * app.delete('/users/:id', requireRole('admin'), handler)
 *
 * @throws TypeError at construction, for an empty name or list.
 * @see RFC 9068 §2.2.3.1
 */
export function requireRole(roles: string | readonly string[], options?: GuardOptions): Middleware
export function requireRole(...roles: readonly string[]): Middleware
export function requireRole(...args: NamesAndOptions): Middleware {
  const { names, options } = splitNames(args)
  return setGuard(roleRule('requireRole', [nameList('requireRole', 'roles', names)]), options)
}

/** Refuses a request unless its token carries one of `roles`. Like `requireRole` in all else. */
export function requireAnyRole(roles: readonly string[], options?: GuardOptions): Middleware
export function requireAnyRole(...roles: readonly string[]): Middleware
export function requireAnyRole(...args: NamesAndOptions): Middleware {
  const { names, options } = splitNames(args)
  const accepted = nameList('requireAnyRole', 'roles', names).map((role) => [role])
  return setGuard(roleRule('requireAnyRole', accepted), options)
}

function roleRule(guard: string, accepted: SetRule['accepted']): SetRule {
  return {
    guard,
    noun: 'role',
    reason: 'role_missing',
    granted: (auth) => auth.roles,
    accepted,
    challengeScopes: [],
  }
}
