import { optionCheck } from '../core/options/option-check.js'
import { hasAll } from '../core/auth/scope.js'
import type { CallerScopes } from './visible.js'
import { scopeList } from './scope-rules.js'

/** What the SDK asks before it handles a message. */
export type McpScopeChallenge = (context: {
  readonly authInfo?: CallerScopes | undefined
}) => { readonly scopes: readonly [string, ...string[]] } | undefined

/**
 * The scope challenge of one tool, resource or prompt, told where it is registered: the SDK then answers
 * 403 with these scopes. Scopes that another one implies (`scopeImplies`) count as granted, and a caller without a
 * token is challenged as well.
 *
 * @param scopes One scope, several joined by spaces, or a list.
 * @example
 * server.registerTool('purge', { scopeChallenge: mcpScopes('notes:purge') }, purge)
 *
 * @throws TypeError at construction, for a scope that RFC 6749 §3.3 does not allow.
 */
export function mcpScopes(scopes: string | readonly string[]): McpScopeChallenge {
  const check = optionCheck('mcpScopes')
  const [first, ...more] = scopeList(check, 'scopes', scopes)
  if (first === undefined) return check.refuse('scopes', 'name a scope', scopes)
  const needed: readonly [string, ...string[]] = [first, ...more]
  return ({ authInfo }) =>
    authInfo !== undefined && hasAll(new Set(authInfo.scopes), needed)
      ? undefined
      : { scopes: needed }
}
