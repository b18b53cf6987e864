import { hasAll } from '../core/auth/scope.js'
import { canonicalUri, type McpKind } from './message/operations.js'
import type { CompiledRules } from './scope-rules.js'

/** `McpAuth`, or the `AuthInfo` of the SDK. */
export interface CallerScopes {
  readonly scopes: Iterable<string>
}

/** The message that each kind is used by, and the member that names it. */
const USES = {
  tool: ['tools/call', 'name'],
  resource: ['resources/read', 'uri'],
  prompt: ['prompts/get', 'name'],
} as const satisfies Readonly<Record<McpKind, readonly [string, string]>>

/** Whether the guard would let this caller use it. */
export function isVisible(
  rules: CompiledRules,
  caller: CallerScopes | undefined,
  name: string,
  kind: McpKind,
): boolean {
  if (caller === undefined) return false
  const [method, member] = USES[kind]
  const spelt = kind === 'resource' ? canonicalUri(name) : name
  const asked = { kind, name: spelt, method, params: { [member]: name } }
  return hasAll(new Set(caller.scopes), rules.needed([asked]))
}
