import { isScopeToken } from '../auth/scope.js'
import type { ChallengeParameter } from './challenge-parameter.js'
import { codeRow } from './codes.js'
import type { RefusalStyle } from './style.js'

/** As much of an `AuthError` as a challenge is made of. An error of an earlier version has no list of parameters. */
export interface Refusal {
  readonly code: string
  readonly reason: string
  readonly status: number
  readonly message: string
  readonly scopes: readonly string[]
  readonly challenge?: readonly ChallengeParameter[]
}

/** RFC 9110 §11.2: the name of a parameter is a token. */
const PARAMETER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Renders a challenge (RFC 9110 §11.6.1, RFC 6750 §3): each parameter once, the first of its name. An
 * app may name some, so what is no name is left out: no header could carry it.
 */
export function renderChallenge(scheme: string, parameters: readonly ChallengeParameter[]): string {
  const named = new Map<string, string>()
  for (const [name, value] of parameters) {
    const key = name.toLowerCase()
    if (named.has(key) || !PARAMETER_NAME.test(name)) continue
    named.set(key, `${name}="${quotable(value)}"`)
  }
  return `${scheme} ${[...named.values()].join(', ')}`
}

/**
 * The challenges for a refusal, none where none belongs: outages and CSRF have no credential to ask
 * for. An app may raise the error itself, so what is no scope is left out.
 *
 * @param tried The scheme that failed. Where it is known, the others name no error, and come only where
 *   another credential would help (RFC 9449 §7.2).
 */
export function challengesFor(
  error: Refusal,
  style: RefusalStyle,
  tried?: string,
): readonly string[] {
  const kind = codeRow(error.code)?.challenge
  if (kind !== 'bare' && kind !== 'error') return []
  const offered = style.schemes ?? ['Bearer']
  const schemes =
    tried === undefined || error.status === 401
      ? offered
      : offered.filter((scheme) => scheme === tried)
  return schemes.map((scheme) => {
    const namesError = kind === 'error' && (tried === undefined || scheme === tried)
    const own = style.schemeParameters?.[scheme] ?? []
    return renderChallenge(scheme, [...parametersFor(error, style, namesError), ...own])
  })
}

/** Which of the schemes of a style a request tried; undefined where that has no one answer. */
export function triedScheme(
  { schemes }: RefusalStyle,
  { code, reason }: Refusal,
  authorization: string | undefined,
): string | undefined {
  if (schemes === undefined || schemes.length === 1) return schemes?.[0]
  if (reason === 'duplicate_authorization') return undefined
  if (code === 'invalid_dpop_proof' || code === 'use_dpop_nonce') return 'DPoP'
  const [name = ''] = (authorization ?? '').split(' ', 1)
  const tried = schemes.find((scheme) => scheme.toLowerCase() === name.toLowerCase())
  // A token in a cookie counts as a bearer token.
  return tried ?? schemes.find((scheme) => scheme === 'Bearer')
}

function parametersFor(
  error: Refusal,
  style: RefusalStyle,
  namesError: boolean,
): readonly ChallengeParameter[] {
  const parameters: ChallengeParameter[] = [['realm', style.realm]]
  if (namesError) parameters.push(['error', error.code], ['error_description', error.message])
  const scopes = scopesFor(error, style).filter(isScopeToken)
  if (scopes.length > 0) parameters.push(['scope', scopes.join(' ')])
  parameters.push(...parametersOf(error), ...(style.challengeParameters ?? []))
  return parameters
}

/** Those of the refusal itself. */
export function parametersOf({
  challenge,
}: Pick<Refusal, 'challenge'>): readonly ChallengeParameter[] {
  return challenge ?? []
}

function scopesFor({ scopes, status }: Refusal, style: RefusalStyle): readonly string[] {
  return scopes.length === 0 && status === 401 ? (style.challengeScopes ?? []) : scopes
}

/**
 * RFC 6750 §3 bars `"` and `\` from these values, and no header can carry control or non-ASCII
 * characters: that text is replaced, never escaped, so that it can neither end the quotes nor make
 * `setHeader` throw.
 */
function quotable(value: string): string {
  return value.replace(/["\\]/g, '').replace(/[^ -~]/g, ' ')
}
