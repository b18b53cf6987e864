import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AuthErrorByCode } from '../../core/verdicts/error-by-code.js'
import { callApp } from '../../core/app-function.js'

/**
 * The shape of every guard. It is structural on purpose: returning Express's own `RequestHandler`
 * would widen `req.params` to `string | string[]` for each handler mounted after the guard, and
 * would make `@types/express` a dependency.
 */
export type Middleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** Takes over the answer to a refused request, once per request. An error of it goes to `next`. */
export type OnRefuse = (
  error: AuthErrorByCode,
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => unknown

/**
 * Lets a function of the app answer a request. What it throws, at once or later, goes to the app's
 * error handler, as if the function were a handler itself: as a rejection that nobody waits for, it
 * would end the process.
 */
export function answerBy(next: (error?: unknown) => void, answer: () => unknown): void {
  callApp(answer, toErrorHandler(next))
}

/**
 * Hands a failure on, whatever it is. By `next(undefined)`, `next(null)` and `next('route')` hosts let a
 * request pass: a promise that is rejected without a reason would open every guard.
 */
export function toErrorHandler(next: (error?: unknown) => void): (failure: unknown) => void {
  return (cause) => {
    const isObject = typeof cause === 'object' && cause !== null
    next(isObject ? cause : new Error('A function of the app failed without an error', { cause }))
  }
}
