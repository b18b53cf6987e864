import { codeRow } from '../../core/verdicts/codes.js'
import type { AuthError } from '../../core/verdicts/errors.js'
import { isScopeToken } from '../../core/scope.js'
import type { ChallengeParameter, RefusalStyle } from './style.js'

/**
 * Renders a challenge (RFC 9110 §11.6.1, RFC 6750 §3): each parameter once, the first of its name.
 */
export function renderChallenge(scheme: string, parameters: readonly ChallengeParameter[]): string {
  const named = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (!named.has(name)) named.set(name, `${name}="${quotable(value)}"`)
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
  const scopes = error.scopes.filter(isScopeToken)
  if (scopes.length > 0) parameters.push(['scope', scopes.join(' ')])
  parameters.push(...(style.challengeParameters ?? []))
  return (style.schemes ?? ['Bearer']).map((scheme) => renderChallenge(scheme, parameters))
}

/**
 * RFC 6750 §3 bars `"` and `\` from these values, and no header can carry control or non-ASCII
 * characters: such text is replaced, never escaped, so that it can neither end the quotes nor make
 * `setHeader` throw.
 */
function quotable(value: string): string {
  return value.replace(/["\\]/g, '').replace(/[^ -~]/g, ' ')
}
