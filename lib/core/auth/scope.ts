/**
 * The characters of one scope, RFC 6749 §3.3: printable ASCII without space, `"` and `\`. What
 * matches can stand in a challenge as it is.
 */
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/

/** Splits a scope string on spaces alone: a tab is not a delimiter (RFC 6749 §3.3). */
export function splitScope(value: string): string[] {
  return value.split(' ').filter((scope) => scope !== '')
}

export function isScopeToken(value: string): boolean {
  return SCOPE_TOKEN.test(value)
}

export function hasAll(granted: ReadonlySet<string>, required: readonly string[]): boolean {
  for (const scope of required) if (!granted.has(scope)) return false
  return true
}

/** Adds to `scopes` what each of them implies, transitively. */
export function expandScopes(
  scopes: readonly string[],
  implies: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  if (implies.size === 0) return scopes
  const expanded = new Set(scopes)
  for (const scope of expanded) {
    for (const implied of implies.get(scope) ?? []) expanded.add(implied)
  }
  return [...expanded]
}
