import { codeRow } from '../../core/verdicts/codes.js'
import type { AuthError } from '../../core/verdicts/errors.js'
import { isScopeToken } from '../../core/scope.js'
import type { ChallengeParameter, RefusalStyle } from './style.js'

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
 */
export function challengesFor(error: AuthError, style: RefusalStyle): readonly string[] {
  const kind = codeRow(error.code)?.challenge
  if (kind !== 'bare' && kind !== 'error') return []
  const parameters: ChallengeParameter[] = [['realm', style.realm]]
  if (kind === 'error') {
    parameters.push(['error', error.code], ['error_description', error.message])
  }
  const scopes = scopesFor(error, style).filter(isScopeToken)
  if (scopes.length > 0) parameters.push(['scope', scopes.join(' ')])
  parameters.push(...parametersOf(error), ...(style.challengeParameters ?? []))
  return (style.schemes ?? ['Bearer']).map((scheme) => renderChallenge(scheme, parameters))
}

/** Those of the refusal itself. An error of an earlier version of this package has no such list. */
export function parametersOf({
  challenge,
}: {
  readonly challenge?: readonly ChallengeParameter[]
}): readonly ChallengeParameter[] {
  return challenge ?? []
}

function scopesFor({ scopes, status }: AuthError, style: RefusalStyle): readonly string[] {
  return scopes.length === 0 && status === 401 ? (style.challengeScopes ?? []) : scopes
}

/**
 * RFC 6750 §3 bars `"` and `\` from these values, and no header can carry control or non-ASCII
 * characters: such text is replaced, never escaped, so that it can neither end the quotes nor make
 * `setHeader` throw.
 */
function quotable(value: string): string {
  return value.replace(/["\\]/g, '').replace(/[^ -~]/g, ' ')
}
