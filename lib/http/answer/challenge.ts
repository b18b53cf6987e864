import { codeRow } from '../../core/codes.js'
import type { AuthError } from '../../core/errors.js'
import { isScopeToken } from '../../core/scope.js'

/** Parameters of a `WWW-Authenticate: Bearer` challenge, in the order they are sent. */
export interface ChallengeParameters {
  readonly realm: string
  readonly error?: string | undefined
  readonly error_description?: string | undefined
  readonly scope?: string | undefined
}

/**
 * Renders a Bearer challenge (RFC 6750 §3). There is always a parameter: RFC 9110 §11.6.1 wants one.
 */
export function bearerChallenge(parameters: ChallengeParameters): string {
  let rendered = `Bearer realm="${quotable(parameters.realm)}"`
  if (parameters.error !== undefined) rendered += `, error="${quotable(parameters.error)}"`
  if (parameters.error_description !== undefined) {
    rendered += `, error_description="${quotable(parameters.error_description)}"`
  }
  if (parameters.scope !== undefined) rendered += `, scope="${quotable(parameters.scope)}"`
  return rendered
}

/**
 * The challenge for a refusal, or undefined where none belongs: outages and CSRF have no credential
 * to ask for. An app may raise the error itself, so what is no scope is left out.
 */
export function challengeFor(error: AuthError, realm: string): string | undefined {
  const scopes = error.scopes.filter(isScopeToken)
  const scope = scopes.length > 0 ? scopes.join(' ') : undefined
  switch (codeRow(error.code)?.challenge) {
    case 'bare':
      return bearerChallenge({ realm, scope })
    case 'error':
      return bearerChallenge({ realm, error: error.code, error_description: error.message, scope })
    case 'none':
    case undefined:
      return undefined
  }
}

/**
 * RFC 6750 §3 bars `"` and `\` from these values, and no header can carry control or non-ASCII
 * characters: such text is replaced, never escaped, so that it can neither end the quotes nor make
 * `setHeader` throw.
 */
function quotable(value: string): string {
  return value.replace(/["\\]/g, '').replace(/[^ -~]/g, ' ')
}
