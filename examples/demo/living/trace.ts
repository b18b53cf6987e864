import { AsyncLocalStorage } from 'node:async_hooks'
import type { Request, RequestHandler, Response } from 'express'
import type { AuthEvent } from '../../../lib/index.js'
import { stepOf, type StepName } from './step-of.js'

export interface Step {
  readonly name: StepName
  readonly outcome: 'passed' | 'refused' | 'unknown'
  /** Undefined where nothing was done: a remembered signature is not verified again. */
  readonly micros: number | undefined
  readonly says: string
}

/** One request, and what each step decided about it. */
export interface Trace {
  readonly type: 'trace'
  readonly at: number
  readonly method: string
  readonly path: string
  readonly sender: string
  readonly status: number
  readonly steps: readonly Step[]
}

/** Follows one request through the guards; each mark ends a step and begins the next. */
export class Tracer {
  readonly steps: Step[] = []
  #since = performance.now()
  #clockCalls = 0
  #clockAt = 0

  /** What came before, such as Express's routing, belongs to no step. */
  begin(): void {
    this.#since = performance.now()
  }

  end(name: StepName, outcome: Step['outcome'], says: string): void {
    const now = performance.now()
    this.steps.push({ name, outcome, says, micros: Math.round((now - this.#since) * 1000) })
    this.#since = now
  }

  has(name: StepName): boolean {
    return this.steps.some((step) => step.name === name)
  }

  /** requireBearer asks its clock before a signature is verified, after that, or once for a known token. */
  clockAsked(): void {
    if (!this.has('credential')) this.end('credential', 'passed', 'Authorization header')
    this.#clockCalls += 1
    this.#clockAt = performance.now()
  }

  claimsHold(): void {
    const now = performance.now()
    const micros = Math.round((this.#clockAt - this.#since) * 1000)
    const signature = { name: 'signature', outcome: 'passed' } as const
    if (this.#clockCalls > 1) {
      this.steps.push({ ...signature, says: 'verified by the key that kid names', micros })
      this.#since = this.#clockAt
    } else {
      this.steps.push({ ...signature, says: 'verified before, and remembered', micros: undefined })
    }
    const claims = Math.round((now - this.#since) * 1000)
    const says = 'issuer, audience, type, times'
    this.steps.push({ name: 'claims', outcome: 'passed', says, micros: claims })
    this.#since = now
  }

  refused(event: Extract<AuthEvent, { name: 'request.refused' }>): void {
    const outcome = event.family === 'dependency' ? 'unknown' : 'refused'
    this.end(
      stepOf(event.reason),
      outcome,
      `${event.reason}${event.detail ? `: ${event.detail}` : ''}`,
    )
  }
}

const storage = new AsyncLocalStorage<Tracer>()

/** The request that the code which asks is running for. */
export function currentTracer(): Tracer | undefined {
  return storage.getStore()
}

/** In front of all guards: tells `told` of each request once it is answered. */
export function traced(told: (trace: Trace) => void): RequestHandler {
  return (req, res, next) => {
    const tracer = new Tracer()
    res.once('close', () => told(traceOf(req, res, tracer)))
    storage.run(tracer, next)
  }
}

function traceOf(req: Request, res: Response, { steps }: Tracer): Trace {
  const { method, originalUrl: path } = req
  const site = req.headers['sec-fetch-site']
  const sender = SENDERS[String(site)] ?? 'a script'
  return { type: 'trace', at: Date.now(), method, path, sender, status: res.statusCode, steps }
}

const SENDERS: Readonly<Record<string, string>> = {
  'same-origin': 'this page',
  'same-site': 'a sibling',
  'cross-site': 'another site',
  none: 'the address bar',
}
