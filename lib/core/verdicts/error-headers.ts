import { challengesFor, type Refusal } from './challenge.js'
import { DEFAULT_STYLE, type RefusalStyle } from './style.js'

/** How the guard answers that refused, and which scheme the request tried. */
interface Refused {
  readonly style: RefusalStyle
  readonly tried: string | undefined
}

interface Told extends Refusal {
  readonly retryAfterSeconds: number
  readonly nonce?: string | undefined
}

/** Beside the errors: only those that an app answers itself need it. */
const refused = new WeakMap<Refusal, Refused>()

/** Says how the guard would have answered, where the app does it. */
export function noteStyle(error: Refusal, style: RefusalStyle, tried: string | undefined): void {
  refused.set(error, { style, tried })
}

/** The style of the guard that refused; the default for what the app raised itself. */
export function styleOf(error: Refusal): RefusalStyle {
  return refused.get(error)?.style ?? DEFAULT_STYLE
}

/**
 * The headers of a refusal for error handlers that know nothing of it. Put together when somebody asks,
 * since most refusals are answered by the guards. Without `Vary` and
 * `Access-Control-Expose-Headers`: handlers set each, in place of what CORS has put there.
 */
export function headersOf(error: Told): Readonly<Record<string, string>> {
  const challenges = challengesFor(error, styleOf(error), refused.get(error)?.tried)
  return {
    ...(challenges.length > 0 && { 'WWW-Authenticate': challenges.join(', ') }),
    ...(error.retryAfterSeconds > 0 && { 'Retry-After': String(error.retryAfterSeconds) }),
    ...(error.nonce !== undefined && { 'DPoP-Nonce': error.nonce }),
    'Cache-Control': 'no-store',
  }
}
