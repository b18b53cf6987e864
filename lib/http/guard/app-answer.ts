import type { IncomingMessage, ServerResponse } from 'node:http'
import { triedScheme } from '../../core/verdicts/challenge.js'
import { noteStyle } from '../../core/verdicts/error-headers.js'
import type { AuthError } from '../../core/verdicts/errors.js'
import type { RefusalStyle } from '../../core/verdicts/style.js'
import { answerFor } from '../answer/answer.js'
import { setHeaders } from '../answer/refuse.js'
import type { OnRefuse } from './middleware.js'

interface Asked {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly next: (error?: unknown) => void
}

/** `OnRefuse` over any code, of which another version of this package may have more. As a method, for its type. */
type Answering = {
  of(error: AuthError, ...rest: [Asked['req'], Asked['res'], Asked['next']]): unknown
}['of']

/**
 * Leaves the answer to the app. Where it hands the refusal on to an error handler, the headers are set
 * before that: handlers that know nothing of `AuthError.headers`, as Nest's, send them all the same.
 */
export function letAppAnswer(
  onRefuse: OnRefuse,
  error: AuthError,
  { req, res, next }: Asked,
  style: RefusalStyle,
): unknown {
  noteStyle(error, style, triedScheme(style, error, req.headers.authorization))
  const answer: Answering = onRefuse
  return answer(error, req, res, (failure) => {
    if (failure === error && !res.headersSent) {
      const { headers } = answerFor(error, style, { header: (name) => req.headers[name] })
      setHeaders(
        res,
        headers.filter(([name]) => !name.startsWith('Content-')),
      )
    }
    next(failure)
  })
}
