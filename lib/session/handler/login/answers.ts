import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../../core/clock.js'
import type { AuthError } from '../../../core/verdicts/errors.js'
import { codeRow } from '../../../core/verdicts/codes.js'
import { refuse } from '../../../http/answer/refuse.js'
import { sendNotice } from '../../../http/answer/page.js'
import type { RefusalStyle } from '../../../http/answer/style.js'
import type { OnRefuse } from '../../../http/guard/middleware.js'
import { askedBy, isMendedByLogin, isNavigation, stepUpText } from './navigation.js'
import type { Session } from '../sessions/session.js'

export interface AnswersSetup {
  readonly loginPath: string
  readonly style: () => RefusalStyle
  /** The session of a request that a guard behind refuses. */
  readonly sessionOf: (req: IncomingMessage) => Session | undefined
  readonly clock: Clock
}

/** A step-up that did not help is not begun again for so long, in seconds. */
const STEP_UP_SECONDS = 60

type Routed = IncomingMessage & { readonly originalUrl?: string }

/**
 * Answers refusals: a person who navigated here is led to the login where that helps, with the step-up
 * that was asked for; a script gets what `requireBearer` answers.
 */
export function createAnswers({ loginPath, style, sessionOf, clock }: AnswersSetup): OnRefuse {
  /** The issuer may not be able to do what is asked for, and would be asked for ever. */
  function triedJustNow(req: IncomingMessage, error: AuthError): boolean {
    const session = sessionOf(req)
    if (session === undefined || error.code !== 'insufficient_user_authentication') return false
    const isSame = session.stepUp === stepUpText(askedBy(error))
    return isSame && clock() - session.startedAt < STEP_UP_SECONDS
  }

  return (error: AuthError, req: Routed, res: ServerResponse) => {
    const forPerson = isNavigation(req) && !res.headersSent
    if (forPerson && isMendedByLogin(error) && !triedJustNow(req, error)) {
      const query = new URLSearchParams({
        return_to: req.originalUrl ?? req.url ?? '/',
        ...askedBy(error),
      })
      res.statusCode = 303
      res.setHeader('Location', `${loginPath}?${query.toString()}`)
      res.setHeader('Cache-Control', 'no-store')
      res.end()
      return
    }
    if (forPerson && error.code === 'login_failed') {
      sendNotice(res, error.status, codeRow(error.code)?.message ?? error.message, loginPath)
      return
    }
    refuse(req, res, error, style())
  }
}
