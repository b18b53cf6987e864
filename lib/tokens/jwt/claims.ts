import { invalidToken, type AuthError } from '../../core/verdicts/errors.js'
import { isRecord } from '../../core/values.js'

export type Claims = Readonly<Record<string, unknown>>

/** The claim itself, never what an object inherits: `constructor` is a name like any other. */
export function ownClaim(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

/** Null in one of these must not count as absent: a check would be skipped, or done with less. */
const NEVER_NULL: ReadonlySet<string> = new Set(['iss', 'aud', 'exp'])

/** A claim that is there. Serializers write what is absent as `null`, so null is absent too. */
export function presentClaim(claims: Claims, name: string): unknown {
  const value = ownClaim(claims, name)
  return value === null && !NEVER_NULL.has(name) ? undefined : value
}

/** @returns the refusal `malformed_claim` for a claim of another type, as all that follow. */
export function stringClaim(claims: Claims, name: string): string | undefined | AuthError {
  const value = presentClaim(claims, name)
  if (value === undefined) return undefined
  if (typeof value !== 'string') return malformedClaim(name, 'a string')
  return value
}

/** NumericDate (RFC 7519 §2): a finite number of seconds. A string or `1e400` must not skip a check. */
export function timeClaim(claims: Claims, name: string): number | undefined | AuthError {
  const value = presentClaim(claims, name)
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value)) return malformedClaim(name, 'a number')
  return value
}

/** A string or a list of strings (RFC 7519 §4.1.3), as a list. */
export function stringsClaim(
  claims: Claims,
  name: string,
): readonly string[] | undefined | AuthError {
  const value = presentClaim(claims, name)
  if (value === undefined) return undefined
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (!list.every((item) => typeof item === 'string')) return malformedClaim(name, 'strings')
  return list
}

/**
 * A claim by its name, or by a path of names joined by dots (`realm_access.roles`) where no claim
 * has that very name: names with dots in them are common (`https://example.com/roles`).
 */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const name of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

/**
 * Names out of the shapes issuers send: a list of strings, a list of `{ value }` (RFC 7643, by RFC
 * 9068 §2.2.3.1), one string, or an object whose keys are the names, but for those it denies:
 * `{ admin: false }`. Anything else names nothing.
 */
export function namesAt(claims: Claims, path: string): readonly string[] {
  const value = claimAt(claims, path)
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.map(nameOf).filter((name) => name !== undefined)
  return isRecord(value) ? Object.keys(value).filter((name) => Boolean(value[name])) : []
}

function nameOf(item: unknown): string | undefined {
  if (typeof item === 'string') return item
  const value = isRecord(item) ? item['value'] : undefined
  return typeof value === 'string' ? value : undefined
}

/** The refusal of a claim of another type. */
export function malformedClaim(name: string, shape: string): AuthError {
  return invalidToken('malformed_claim', `The claim "${name}" is not ${shape}`)
}
