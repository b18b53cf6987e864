import type { Clock, Timer } from '../../../core/clock.js'
import { andThen, type Outcome } from '../../../core/verdicts/outcome.js'
import { judgeTimes } from '../../access/claim-rules.js'
import type { JudgeAgain, VerifiedToken } from '../../access/entries.js'
import type { ActiveEntry } from './entries.js'

export interface AnswerToJudgeAgain {
  /** What was verified besides, where the token is a JWT. */
  readonly verified: VerifiedToken | undefined
  readonly clock: Clock
  readonly timer: Timer
  /** On the Timer: until then the issuer is not asked again. */
  readonly until: number
  readonly askAgain: () => Outcome<ActiveEntry>
}

/** Judges the token of an open stream by its times, and then by what its issuer says of it by now. */
export function judgingAnswerAgain(answer: AnswerToJudgeAgain): JudgeAgain<ActiveEntry> {
  const { verified, clock, timer, until, askAgain } = answer
  return (entry) =>
    andThen<VerifiedToken, VerifiedToken>(verified?.again?.() ?? entry, () => {
      const untimely = judgeTimes(entry, entry.policy, clock())
      if (untimely !== undefined) return untimely
      return timer.now() < until && entry.keyHolds() ? entry : askAgain()
    })
}
