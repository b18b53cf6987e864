import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AuthError } from '../core/errors.js'

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

/** Takes over the answer to a refused request, once per request. What it throws goes to `next`. */
export type OnRefuse = (
  error: AuthError,
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void | Promise<void>
