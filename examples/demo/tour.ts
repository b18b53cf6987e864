import type { AuthEvent } from '../../lib/index.js'
import { send, type Answer, type ApiRequest } from './http.js'
import type { Printer } from './printer.js'
import { faultsOf, tellingHeaders, type Refusal, type Told } from './told.js'

export interface Step {
  /** In a few words, what is special about this request. */
  readonly what: string
  /** The origin to ask. */
  readonly to: string
  /** A function where each attempt needs a request of its own. */
  readonly request: ApiRequest | (() => Promise<ApiRequest>)
  readonly told: Told
  /** Said where the event has nothing to add. */
  readonly why?: string
}

export interface LateStep extends Step {
  /** The only other status that may be answered until then. */
  readonly meanwhile: number
}

export interface Tour {
  /** Heads the steps that follow. */
  chapter(title: string): void
  /** Sends the request, prints what came, and counts it as failed where that is not as told. */
  step(step: Step): Promise<void>
  /** Like `step`, but asks again, for 15 seconds, while the answer is the one that may come meanwhile. */
  eventually(step: LateStep): Promise<void>
  leaveOut(what: string, because: string): void
  /** To be given to every guard. */
  readonly onEvent: (event: AuthEvent) => void
  readonly steps: number
  readonly failures: number
}

interface Outcome {
  readonly request: ApiRequest
  readonly answer: Answer
  readonly refusal: Refusal | undefined
  readonly faults: readonly string[]
}

const PATIENCE_MS = 15_000
const PAUSE_MS = 100

/** One request at a time, so that an event belongs to the request under way. */
export function createTour(printer: Printer): Tour {
  let refusal: Refusal | undefined
  let steps = 0
  let failures = 0

  async function take(step: Step): Promise<Outcome> {
    const request = typeof step.request === 'function' ? await step.request() : step.request
    refusal = undefined
    const answer = await send(step.to, request)
    return { request, answer, refusal, faults: faultsOf(answer, refusal, step.told) }
  }

  function report({ what, told, why }: Step, outcome: Outcome): void {
    const { request, answer, faults } = outcome
    steps += 1
    if (faults.length > 0) failures += 1
    printer.step({
      request: `${request.method} ${request.path}`,
      what,
      status: answer.status,
      headers: tellingHeaders(answer, told),
      why: explain(outcome.refusal, why),
      faults,
    })
  }

  return {
    chapter: (title) => printer.chapter(title),
    async step(step) {
      report(step, await take(step))
    },
    async eventually(step) {
      const deadline = Date.now() + PATIENCE_MS
      let outcome = await take(step)
      while (
        outcome.faults.length > 0 &&
        outcome.answer.status === step.meanwhile &&
        Date.now() < deadline
      ) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
        outcome = await take(step)
      }
      report(step, outcome)
    },
    leaveOut: (what, because) => printer.leftOut(what, because),
    onEvent(event) {
      if (event.name === 'request.refused') refusal = event
    },
    get steps() {
      return steps
    },
    get failures() {
      return failures
    },
  }
}

function explain(refusal: Refusal | undefined, why = ''): string {
  if (refusal === undefined) return why
  const { reason, detail = why } = refusal
  return detail === '' ? reason : `${reason}: ${detail}`
}
