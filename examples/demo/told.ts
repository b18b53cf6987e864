import type { AuthErrorReason, AuthEvent } from '../../lib/index.js'
import type { Answer } from './http.js'

/** The answer that a step of the tour tells beforehand. */
export interface Told {
  readonly status: number
  /** The reason in the event, where the request is refused. */
  readonly reason?: AuthErrorReason
  /** `WWW-Authenticate` without its description; absent where none may be sent. */
  readonly challenge?: string
  /** Further headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>
}

export type Refusal = Extract<AuthEvent, { name: 'request.refused' }>

/** Every bad token gets the same challenge: expired, revoked and forged must look alike to a prober. */
export function invalidToken(reason: AuthErrorReason): Told {
  return { status: 401, reason, challenge: 'Bearer realm="api", error="invalid_token"' }
}

/** An outage says nothing about the token: no challenge, but when to come back. */
export function unavailable(reason: AuthErrorReason): Told {
  return { status: 503, reason }
}

/** In what the answer differs from what was told; nothing, if all is well. */
export function faultsOf(
  { status, headers }: Answer,
  refusal: Refusal | undefined,
  told: Told,
): readonly string[] {
  const challenge = headers['www-authenticate']
  const retries = Number(headers['retry-after'] ?? 0) > 0
  return [
    ...fault('status', told.status, status),
    ...fault('reason', told.reason, refusal?.reason),
    ...fault('challenge', told.challenge, challenge && withDescription(challenge, '')),
    ...fault('Retry-After', String(told.status === 503), String(retries)),
    ...Object.entries(told.headers ?? {}).flatMap(([name, value]) =>
      fault(name, value, headerOf(headers, name)),
    ),
  ]
}

function fault<T extends string | number>(
  name: string,
  told: T | undefined,
  came: T | undefined,
): readonly string[] {
  return told === came ? [] : [`${name}: told ${told ?? 'none'}, came ${came ?? 'none'}`]
}

/** The lines of the answer that matter to the step, as printed: what to do next, and what was told. */
export function tellingHeaders({ headers }: Answer, told: Told): readonly string[] {
  const { 'www-authenticate': challenge, 'retry-after': retryAfter } = headers
  return [
    ...(challenge === undefined ? [] : [withDescription(challenge, ', …')]),
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
    ...Object.keys(told.headers ?? {}).map((name) => `${name}: ${headerOf(headers, name) ?? ''}`),
  ]
}

/** The description is the same for all faults of one kind, so that it is not worth its space here. */
function withDescription(challenge: string, replacement: string): string {
  return challenge.replace(/, error_description="[^"]*"/, replacement)
}

function headerOf(headers: Answer['headers'], name: string): string | undefined {
  const value = headers[name.toLowerCase()]
  return Array.isArray(value) ? value.join(', ') : value
}
