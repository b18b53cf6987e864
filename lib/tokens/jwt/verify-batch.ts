import { systemTimer } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { attempt } from '../../core/verdicts/outcome.js'
import { NOBODY, type Sender } from '../../core/queue/sender.js'
import { WaitingRoom } from '../../core/queue/waiting-room.js'

/**
 * Signatures that arrive in one turn of the event loop are verified back to back: between the code of two
 * requests each costs about twice as much, in cold caches (docs/performance.md). This budget for each turn
 * keeps a flood from stopping everything else.
 */
const TURN_BUDGET_MS = 2

/** Jobs in line at once, some turns' worth. Further ones wait where a flood waits for its turn. */
const MAX_IN_LINE = 500
/** How much one turn moves the mean. */
const WEIGHT = 1 / 16

interface Job {
  readonly verify: () => boolean
  readonly resolve: (valid: boolean) => void
}

let waiting: Job[] = []
let inLine = 0
/** From one turn to the next while some wait, with all that the loop does between, for each job done. */
let meanMs = 0.1
let turnEndedAt = 0

const room = new WaitingRoom({
  timer: systemTimer,
  reason: 'overloaded',
  purpose: 'time to verify the signature',
  take: () => inLine < MAX_IN_LINE && (inLine += 1) > 0,
  expectedMs: (others) => others * meanMs,
})

/**
 * @param sender Who asks. @default somebody who waits for the answer
 * @returns the refusal `temporarily_unavailable` where it would wait too long; where others wait as well,
 * also once its sender has gone.
 */
export function runInBatch(
  verify: () => boolean,
  sender: Sender = NOBODY,
): Promise<boolean | AuthError> {
  if (room.tryTake()) return join(verify)
  const turn = attempt<unknown>(() => room.wait(sender))
  return Promise.resolve(turn).then(async (ready) =>
    ready instanceof AuthError ? ready : join(verify),
  )
}

function join(verify: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    waiting.push({ verify, resolve })
    if (waiting.length > 1) return
    turnEndedAt = performance.now()
    setImmediate(runTurn)
  })
}

function runTurn(): void {
  const deadline = performance.now() + TURN_BUDGET_MS
  let done = 0
  do {
    const { verify, resolve } = waiting[done]!
    resolve(isVerified(verify))
    done += 1
  } while (done < waiting.length && performance.now() < deadline)
  waiting = waiting.slice(done)
  inLine -= done
  if (waiting.length > 0) {
    const now = performance.now()
    meanMs += ((now - turnEndedAt) / done - meanMs) * WEIGHT
    turnEndedAt = now
    setImmediate(runTurn)
  }
  room.admit()
}

/** OpenSSL throws for some malformed signatures; a signature that cannot be checked is not good. */
function isVerified(verify: () => boolean): boolean {
  try {
    return verify()
  } catch {
    return false
  }
}
