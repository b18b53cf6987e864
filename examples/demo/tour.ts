import type { AuthErrorReason, AuthEvent } from '../../lib/index.js'
import { send, type Answer, type ApiRequest } from './http.js'
import type { Printer } from './printer.js'

/** What a step of the tour says will be answered. */
export interface Told {
  readonly status: number
  /** The reason in the event, where the request is refused. */
  readonly reason?: AuthErrorReason
  /** `WWW-Authenticate` without its description; absent where none may be sent. */
  readonly challenge?: string
  /** Further headers of the answer; they are printed as well. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Step {
  /** In a few words, what is special about this request. */
  readonly what: string
  readonly to: string
  /** A function where each attempt needs a request of its own. */
  readonly request: ApiRequest | (() => Promise<ApiRequest>)
  readonly told: Told
  /** Said where the event has nothing to add. */
  readonly why?: string
}

export interface Tour {
  /** Heads the steps that follow. */
  chapter(title: string): void
  /** Sends the request, prints what came, and counts it as failed where that is not as told. */
  step(step: Step): Promise<void>
  /** Like `step`, but asks again until the answer is as told, for 15 seconds. */
  eventually(step: Step): Promise<void>
  leaveOut(what: string, because: string): void
  /** To be given to every guard. */
  readonly onEvent: (event: AuthEvent) => void
  readonly steps: number
  readonly failures: number
}

type Refusal = Extract<AuthEvent, { name: 'request.refused' }>

interface Outcome {
  readonly request: ApiRequest
  readonly answer: Answer
  readonly refusal: Refusal | undefined
  /** In what the answer differs from what was told. */
  readonly faults: readonly string[]
}

const PATIENCE_MS = 15_000
const PAUSE_MS = 100

export function createTour(printer: Printer): Tour {
  let refusal: Refusal | undefined
  let steps = 0
  let failures = 0

  async function take(step: Step): Promise<Outcome> {
    const request = typeof step.request === 'function' ? await step.request() : step.request
    refusal = undefined
    const answer = await send(step.to, request)
    return { request, answer, refusal, faults: compare(answer, refusal, step.told) }
  }

  function report({ what, told, why }: Step, outcome: Outcome): void {
    const { request, answer, faults } = outcome
    steps += 1
    if (faults.length > 0) failures += 1
    printer.step({
      request: `${request.method} ${request.path}`,
      what,
      status: answer.status,
      headers: [...challengeOf(answer), ...namedHeaders(answer, told)],
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
      while (outcome.faults.length > 0 && Date.now() < deadline) {
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

function compare(answer: Answer, refusal: Refusal | undefined, told: Told): readonly string[] {
  const retryAfter = answer.headers['retry-after']
  const pairs = [
    ['status', answer.status, told.status],
    ['reason', refusal?.reason, told.reason],
    ['challenge', answer.headers['www-authenticate'] && withoutDescription(answer), told.challenge],
    ['Retry-After', retryAfter !== undefined && Number(retryAfter) > 0, told.status === 503],
    ...Object.entries(told.headers ?? {}).map(
      ([name, value]) => [name, answer.headers[name.toLowerCase()], value] as const,
    ),
  ] as const
  return pairs
    .filter(([, came, expected]) => came !== expected)
    .map(([name, came, expected]) => `${name}: told ${expected ?? 'none'}, came ${came ?? 'none'}`)
}

const DESCRIPTION = /, error_description="[^"]*"/

function withoutDescription({ headers }: Answer): string {
  return (headers['www-authenticate'] ?? '').replace(DESCRIPTION, '')
}

/** The headers that tell a client what to do next; the description is shown as an ellipsis. */
function challengeOf({ headers }: Answer): readonly string[] {
  const { 'www-authenticate': challenge, 'retry-after': retryAfter } = headers
  if (retryAfter !== undefined) return [`Retry-After: ${retryAfter}`]
  return challenge === undefined ? [] : [challenge.replace(DESCRIPTION, ', …')]
}

function namedHeaders({ headers }: Answer, told: Told): readonly string[] {
  return Object.keys(told.headers ?? {}).map(
    (name) => `${name}: ${String(headers[name.toLowerCase()] ?? '')}`,
  )
}

function explain(refusal: Refusal | undefined, why: string | undefined): string {
  if (refusal === undefined) return why ?? ''
  const more = refusal.detail ?? why
  return more === undefined ? refusal.reason : `${refusal.reason}: ${more}`
}
