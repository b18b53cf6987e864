import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { TokenCookie } from '../../../lib/browser.js'
import { currentTracer } from './trace.js'
import type { StepName } from './step-of.js'

type Guard = (req: Request, res: Response, next: NextFunction) => void

/** Ends a step of the trace where the guard lets a request pass. Refusals are told by their event. */
export function timed(name: StepName, says: string, guard: Guard): RequestHandler {
  return (req, res, next) => {
    const tracer = currentTracer()
    tracer?.begin()
    guard(req, res, (error?: unknown) => {
      if (error === undefined) tracer?.end(name, 'passed', says)
      next(error)
    })
  }
}

/** requireBearer has several steps: it is watched from inside, by options that every app has. */
export function timedBearer(guard: Guard): RequestHandler {
  return (req, res, next) => {
    currentTracer()?.begin()
    guard(req, res, next)
  }
}

/** Options that do nothing but tell the trace where requireBearer is. */
export const WATCHED: { clock(): number; validate(): void } = {
  clock() {
    currentTracer()?.clockAsked()
    return Date.now() / 1000
  },
  validate() {
    currentTracer()?.claimsHold()
  },
}

export function watchedCookie<Cookie extends Pick<TokenCookie, 'name'>>(
  cookie: Cookie,
): Cookie & { open(value: string): string } {
  return {
    ...cookie,
    open(value) {
      currentTracer()?.end('credential', 'passed', `cookie ${cookie.name}`)
      return value
    },
  }
}
