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
  callApp(answer, next)
}
