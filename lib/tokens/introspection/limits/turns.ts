import type { Timer } from '../../../core/clock.js'
import { AuthError } from '../../../core/verdicts/errors.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import { Places } from '../../../core/queue/places.js'
import type { Sender } from '../../../core/queue/sender.js'
import { FairBudget } from '../../../net/fair-budget.js'
import type { Answer } from '../asking/answer.js'

/** Calls under way at once. */
const MAX_AT_ONCE = 200
/** Unknown tokens that may be asked about at once, and how soon another. Active ones cost none. */
const BURST = 100
const INTERVAL_MS = 50

const REASON = 'introspection_over_budget'

/**
 * Who may ask, and when. Anybody can invent tokens, and each would cost the issuer a call: so unknown ones
 * are paid from a budget, and wait by network in turn once it is empty. An active token gets its share
 * back, so that only inventing costs.
 */
export class Turns {
  readonly #budget: FairBudget
  readonly #places: Places

  constructor(timer: Timer) {
    const purpose = 'call to the introspection endpoint'
    this.#places = new Places({ count: MAX_AT_ONCE, timer, reason: REASON, purpose })
    this.#budget = new FairBudget({
      burst: BURST,
      intervalMs: INTERVAL_MS,
      timer,
      reason: REASON,
      purpose: 'budget for another unknown token',
    })
  }

  /** @param isFamiliar Whether it is no guess, and so costs nothing. */
  async run(
    call: () => Promise<Answer | AuthError>,
    sender: Sender,
    isFamiliar: boolean,
  ): Promise<Answer | AuthError> {
    if (isFamiliar) return this.#call(call, sender)
    if (!this.#budget.trySpend()) {
      const turn = await attempt<unknown>(() => this.#budget.wait(sender))
      if (turn instanceof AuthError) return turn
    }
    const calls = { made: 0 }
    const answer = await this.#call(() => {
      calls.made += 1
      return call()
    }, sender)
    // A call that failed was made all the same: an issuer in trouble must not get more of them.
    const isActive = !(answer instanceof AuthError) && answer.active
    if (isActive || calls.made === 0) this.#budget.refund()
    return answer
  }

  async #call(
    call: () => Promise<Answer | AuthError>,
    sender: Sender,
  ): Promise<Answer | AuthError> {
    const work = async (): Promise<{ readonly answer: Answer | AuthError }> => ({
      answer: await call(),
    })
    const done = await attempt(() => this.#places.run(work, sender))
    if (done instanceof AuthError) return done
    if (done === undefined) throw new Error('A call that nothing makes needless was not made')
    return done.answer
  }
}
