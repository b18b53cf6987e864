import type { IncomingMessage } from 'node:http'
import type { AuthError } from '../../../core/verdicts/errors.js'

/** Whether a person waits for a page: a redirect helps then, and no script would follow it. */
export function isNavigation({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET') return false
  const mode = headers['sec-fetch-mode']
  if (mode !== undefined) return mode === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return headers.accept?.includes('text/html') === true
}

/** Refusals that a login mends. Others would send a user round in circles. */
const MENDED_BY_LOGIN: ReadonlySet<string> = new Set([
  'no_credential',
  'broken_seal',
  'session_unknown',
  'session_ended',
  'login_too_weak',
  'login_too_old',
])

export function isMendedByLogin({ status, reason }: AuthError): boolean {
  return status === 401 && MENDED_BY_LOGIN.has(reason)
}

const ASKED = ['acr_values', 'max_age'] as const

/** The parameters of a challenge that a login takes over (RFC 9470 §4). */
export function askedBy({ challenge }: AuthError): Readonly<Record<string, string>> {
  return Object.fromEntries(
    challenge.filter(([name]) => (ASKED as readonly string[]).includes(name)),
  )
}

/** Names a step-up, so that a login for it is not begun again at once when it did not help. */
export function stepUpText(asked: Readonly<Record<string, string>>): string | undefined {
  const { acr_values: acr = '', max_age: age = '' } = asked
  return acr + age === '' ? undefined : `${acr}|${age}`
}
