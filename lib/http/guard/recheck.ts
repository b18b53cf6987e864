import type { IncomingMessage } from 'node:http'
import type { Auth } from '../../core/auth/auth.js'
import type { AuthError } from '../../core/verdicts/errors.js'
import type { Outcome } from '../../core/verdicts/outcome.js'
import type { Responder } from './responder.js'

/** A token that was let in. */
export interface LiveToken {
  readonly auth: Auth
  /**
   * Judges it again for a stream that it has opened: by its times, its key, and where its issuer was
   * asked about it, by the issuer's word. Absent where only its times are known.
   */
  again?(): Outcome<LiveToken>
}

/** The request that opened a stream. */
export interface Opened {
  readonly auth: Auth
  readonly req: IncomingMessage
  readonly responder: Responder
}

/** What a guard asks about a token, to be asked again while a stream is open. */
export interface Recheck {
  /** A refusal that a later try may lift says that nobody can tell. */
  again(auth: Auth): Outcome<unknown>
  /** Whether a stream may go on about which nobody can tell. May throw what a function of the app throws. */
  bypass(outage: AuthError, stream: Opened): boolean
  /**
   * Calls back when something was revoked, whatever it was. Absent where nobody would tell.
   *
   * @returns what ends it.
   */
  watch?(changed: () => void): () => void
}

/** Those that let one token pass. */
export interface Denylist {
  readonly recheck: Recheck
  readonly before: Denylist | undefined
}

/** Nothing is made for the usual one denylist a route. */
export function joined(denylist: Denylist, before: Denylist | undefined): Denylist {
  return before === undefined ? denylist : { recheck: denylist.recheck, before }
}
