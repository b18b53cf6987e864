import type { Auth } from '../../core/auth/auth.js'
import type { AuthScheme } from '../../core/auth/scheme.js'
import type { Outcome } from '../../core/verdicts/outcome.js'
import type { RequestHead } from '../request/request-head.js'

/** What a request offers to be let in by, as a verifier of your own gets it. */
export interface PresentedToken {
  /** Of the alphabet of RFC 6750 §2.1, and no more than 12,288 characters long. */
  readonly token: string
  /** How it was presented. A token in a cookie counts as `Bearer`. */
  readonly scheme: AuthScheme
  readonly transport: Auth['transport']
  /** Its network has failed too often: do no work for it that costs more than a signature check. */
  readonly throttled: boolean
}

/** Turns a token into what it means, or into the refusal. */
export interface TokenVerifier {
  /**
   * @returns the `Auth`, frozen, or an `AuthError` that refuses it: `invalid_token` for a fault of the
   * token, `temporarily_unavailable` where you cannot know. Thrown, an `AuthError` counts as returned;
   * anything else is a fault of the server.
   */
  verify(token: PresentedToken, head: RequestHead): Outcome<Auth>
}
