import type { IncomingMessage } from 'node:http'
import { callApp } from '../../core/app-function.js'
import { guardTolerance } from '../../core/auth/guard-tolerance.js'
import type { Timer } from '../../core/clock.js'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { printable, tokenFacts } from '../../core/events/events.js'
import { andThen, type Outcome } from '../../core/verdicts/outcome.js'
import type { AuthState } from '../../http/guard/auth-state.js'
import type { LiveToken, Recheck } from '../../http/guard/recheck.js'
import { Inquiry } from './inquiry.js'

/** Of a request that a token let in. */
export interface LiveState extends AuthState {
  readonly token: LiveToken
}

/** An exchange that stays open, for as long as its token is good. */
export class Stream {
  readonly #req: IncomingMessage
  readonly #state: LiveState
  readonly #aborter = new AbortController()
  readonly #inquiries: readonly Inquiry[]
  readonly #byDenylist: ReadonlyMap<Recheck, Inquiry>
  readonly #ended: (stream: Stream) => void
  #token: LiveToken
  #over = false

  /** @param ended Told once, before the signal aborts. */
  constructor(
    req: IncomingMessage,
    state: LiveState,
    timer: Timer,
    ended: (stream: Stream) => void,
  ) {
    this.#req = req
    this.#state = state
    this.#token = state.token
    this.#ended = ended
    const refused = (error: AuthError): void => this.#end(error)
    const token = new Inquiry({ ask: () => this.#judge(), bypass: () => false }, timer, refused)
    this.#byDenylist = new Map(
      [...denylistsOf(state)].map((recheck) => [
        recheck,
        new Inquiry(this.#questionFor(recheck), timer, refused),
      ]),
    )
    this.#inquiries = [token, ...this.#byDenylist.values()]
  }

  get signal(): AbortSignal {
    return this.#aborter.signal
  }

  get denylists(): Iterable<Recheck> {
    return this.#byDenylist.keys()
  }

  get over(): boolean {
    return this.#over
  }

  /** Asks whether the token is still good: the denylists as well, unless this is the beginning. */
  look(begun = true): void {
    for (const inquiry of begun ? this.#inquiries : this.#inquiries.slice(0, 1)) {
      if (!this.#over) inquiry.ask()
    }
  }

  /** @returns whether the answer was there at once. */
  ask(recheck: Recheck): boolean {
    return this.#over || this.#byDenylist.get(recheck)?.ask() !== false
  }

  /** May be no number, where the clock is none. */
  millisecondsLeft(): number {
    const { auth } = this.#token
    return (auth.expiresAt + toleranceOf(auth) - this.#state.responder.clock()) * 1000
  }

  /** The exchange is over: nothing is asked any more, and nothing aborts. */
  leave(): void {
    this.#over = true
  }

  #judge(): Outcome<unknown> {
    const token = this.#token
    if (token.again === undefined) return this.millisecondsLeft() > 0 ? token : expired()
    return andThen(token.again(), (later) => {
      this.#token = later
    })
  }

  #questionFor(recheck: Recheck): { ask(): Outcome<unknown>; bypass(outage: AuthError): boolean } {
    const { token, responder } = this.#state
    const { auth } = token
    const opened = { auth, responder, req: this.#req }
    return {
      ask: () => recheck.again(auth),
      bypass: (outage) =>
        callApp(
          () => recheck.bypass(outage, opened),
          () => false,
        ),
    }
  }

  #end(error: AuthError): void {
    if (this.#over) return
    this.#over = true
    this.#ended(this)
    this.#tell(error)
    this.#aborter.abort(error)
  }

  /** Not as a refusal: whoever watches for those would take a logout for the use of a stolen token. */
  #tell({ code, reason, family, detail }: AuthError): void {
    const { token, responder } = this.#state
    if (!responder.events.active) return
    const why = detail === undefined ? {} : { detail: printable(detail, 400) }
    const facts = tokenFacts(token.auth)
    responder.events.emit({ name: 'stream.ended', code, reason, family, ...why, token: facts })
  }
}

function* denylistsOf({ denylist }: AuthState): Iterable<Recheck> {
  for (let at = denylist; at !== undefined; at = at.before) yield at.recheck
}

function toleranceOf(auth: LiveToken['auth']): number {
  return guardTolerance(auth) ?? 0
}

function expired(): AuthError {
  return invalidToken('expired', 'The token expired while its stream was open')
}
