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
 * Refuses a request unless its token carries all of `permissions`, read by the issuer's
 * `claims.permissions`. Mount it per route, behind `requireBearer`.
 *
 * Answers 403 `insufficient_scope` without naming a scope. The event tells which permissions were
 * needed.
 *
 * @example
 * app.post('/invoices', requirePermission('create:invoices'), handler)
 *
 * @throws TypeError at construction, for an empty name or list.
 */
export function requirePermission(
  permissions: string | readonly string[],
  options?: GuardOptions,
): Middleware
export function requirePermission(...permissions: readonly string[]): Middleware
export function requirePermission(...args: NamesAndOptions): Middleware {
  const guard = 'requirePermission'
  const { names, options } = splitNames(args)
  return setGuard(permissionRule(guard, [nameList(guard, 'permissions', names)]), options)
}

/** Refuses a request unless its token carries one of `permissions`. Like `requirePermission` in all else. */
export function requireAnyPermission(
  permissions: readonly string[],
  options?: GuardOptions,
): Middleware
export function requireAnyPermission(...permissions: readonly string[]): Middleware
export function requireAnyPermission(...args: NamesAndOptions): Middleware {
  const guard = 'requireAnyPermission'
  const { names, options } = splitNames(args)
  const accepted = nameList(guard, 'permissions', names).map((name) => [name])
  return setGuard(permissionRule(guard, accepted), options)
}

function permissionRule(guard: string, accepted: SetRule['accepted']): SetRule {
  return {
    guard,
    noun: 'permission',
    reason: 'permission_missing',
    granted: (auth) => auth.permissions,
    accepted,
    challengeScopes: [],
  }
}
