import type { IncomingMessage, ServerResponse } from 'node:http'
import { styleOf } from '../../core/verdicts/error-headers.js'
import type { AuthError } from '../../core/verdicts/errors.js'
import { answerFor, type Answer } from './answer.js'
import type { RefusalStyle } from './style.js'
import { exposeHeaders } from './nonce.js'
import { addVary } from './vary.js'

/**
 * Answers a refusal: the one place that does. Passing the error to `next` instead would print a
 * stack trace per refused request in a default Express app, which a flood of bad tokens exploits.
 *
 * @param style How refusals look: as those of the guard that refused, unless it is given.
 */
export function refuse(
  req: IncomingMessage,
  res: ServerResponse,
  error: AuthError,
  style: RefusalStyle = styleOf(error),
): void {
  // A handler before us already answered: all that is left is not to crash on it.
  if (res.headersSent) {
    if (!res.writableEnded) res.end()
    return
  }
  // One of the answer that others have prepared, perhaps. A response made by hand may lack the method.
  if ('removeHeader' in res) res.removeHeader('ETag')
  writeAnswer(req, res, answerFor(error, style, { header: (name) => req.headers[name] }))
}

/** In place of what others have prepared, but for `Vary`, which they may go on to need. */
export function writeAnswer(req: IncomingMessage, res: ServerResponse, answer: Answer): void {
  setHeaders(res, answer.headers)
  res.statusCode = answer.status
  res.end(req.method === 'HEAD' ? undefined : answer.body)
}

export function setHeaders(res: ServerResponse, headers: Answer['headers']): void {
  for (const [name, value] of headers) {
    if (name === 'Vary') addVary(res, String(value).split(', '))
    else if (name === 'Access-Control-Expose-Headers') exposeHeaders(res, String(value))
    else res.setHeader(name, value)
  }
}
