import type { Timer } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { attempt, type Outcome } from '../../core/verdicts/outcome.js'
import { messageOf } from '../../core/values.js'

/** Something about a token that must hold for as long as its stream is open. */
export interface Question {
  /** A refusal that a later try may lift says that nobody can tell. An error says so too. */
  ask(): Outcome<unknown>
  /** Whether the stream may go on where nobody could tell for long. */
  bypass(outage: AuthError): boolean
}

/**
 * How long a stream goes on while nobody can tell whether it may. Ended at once, all of them would come
 * back in the same moment, to the same outage: a failover takes seconds.
 */
export const PATIENCE_MS = 30_000

/** One question about one stream, asked time and again. */
export class Inquiry {
  readonly #question: Question
  readonly #timer: Timer
  readonly #refused: (error: AuthError) => void
  #asking = false
  #knownAt: number
  #outage: AuthError | undefined

  /** @param refused Told once it holds no more. */
  constructor(question: Question, timer: Timer, refused: (error: AuthError) => void) {
    this.#question = question
    this.#timer = timer
    this.#refused = refused
    this.#knownAt = timer.now()
  }

  /** @returns whether the answer was there at once. */
  ask(): boolean {
    const askedAt = this.#timer.now()
    // An answer that never comes keeps nobody from giving up.
    if (!this.#asking) this.#begin(askedAt)
    if (askedAt - this.#knownAt >= PATIENCE_MS) this.#giveUp(askedAt)
    return !this.#asking
  }

  #begin(askedAt: number): void {
    const answer = attempt(() => this.#question.ask(), cannotTell)
    if (!(answer instanceof Promise)) {
      this.#take(answer, askedAt)
      return
    }
    this.#asking = true
    void answer.then((later) => {
      this.#asking = false
      this.#take(later, askedAt)
    })
  }

  #take(answer: unknown, askedAt: number): void {
    if (!(answer instanceof AuthError)) this.#knownAt = askedAt
    else if (answer.retryAfterSeconds === 0) this.#refused(answer)
    else this.#outage = answer
  }

  #giveUp(now: number): void {
    const outage = this.#outage ?? cannotTell('No answer came')
    if (this.#question.bypass(outage)) this.#knownAt = now
    else this.#refused(outage)
  }
}

function cannotTell(cause: unknown): AuthError {
  return new AuthError('temporarily_unavailable', {
    reason: 'revocation_unavailable',
    detail: messageOf(cause),
    cause,
  })
}
