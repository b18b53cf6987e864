import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../../../core/auth/auth.js'
import { AuthError } from '../../../core/verdicts/errors.js'
import type { Trust } from '../../../guards/bearer/source.js'
import { setAuthState } from '../../../http/guard/auth-state.js'
import { answerBy, type Middleware } from '../../../http/guard/middleware.js'
import type { Responder } from '../../../http/guard/responder.js'
import type { VerifiedToken } from '../../../tokens/access/entries.js'
import type { SessionCookie } from '../sessions/session-cookie.js'
import type { Refresher } from './refresher.js'
import type { ReadSession, Session } from '../sessions/session.js'
import type { Sessions } from '../sessions/sessions.js'
import { keepSubjectToken } from './subject-token.js'

/** A request's session, its access token renewed and verified. */
export interface SignedIn {
  readonly session: Session
  readonly token: VerifiedToken
}

export interface SessionGuardSetup {
  readonly cookie: SessionCookie
  readonly sessions: Sessions
  readonly refresher: Refresher
  readonly trust: Trust
}

/** From the cookie of a request to what its access token says. */
export interface SessionReader {
  /** `use` puts the idle end of the session off. */
  find(req: IncomingMessage, res: ServerResponse, use: boolean): Promise<ReadSession | AuthError>
  /** The same for most requests: a copy in memory will do. */
  recall(req: IncomingMessage, res: ServerResponse): Promise<Session | AuthError>
  signIn(session: Session): Promise<SignedIn | AuthError>
  /** What an access token says, whatever became of its session. */
  verify(accessToken: string): Promise<Auth | AuthError>
}

export function createSessionReader(setup: SessionGuardSetup): SessionReader {
  const { cookie, sessions, refresher, trust } = setup

  async function verify(accessToken: string): Promise<VerifiedToken | AuthError> {
    // As `requireBearer` keeps the tokens of cookies apart from those of headers.
    const credentialText = `\n${accessToken}`
    const presented = { token: accessToken, transport: 'cookie' } as const
    return trust.jwt.recall(credentialText) ?? trust.jwt.verify(presented, credentialText)
  }

  async function signIn(session: Session, rejected?: string): Promise<SignedIn | AuthError> {
    const fresh = await refresher.fresh(session, rejected)
    if (fresh instanceof AuthError) return fresh
    const token = await verify(fresh.accessToken)
    if (!(token instanceof AuthError)) return { session: fresh, token }
    // The issuer has not said how long it lives, or its clock is another.
    const isOver = token.reason === 'expired' && rejected === undefined
    return isOver ? signIn(fresh, fresh.accessToken) : token
  }

  return {
    async find(req, res, use) {
      const id = cookie.read(req, res)
      return id instanceof AuthError ? id : sessions.find(id, use)
    },
    async recall(req, res) {
      const id = cookie.read(req, res)
      return id instanceof AuthError ? id : sessions.recall(id)
    },
    signIn: (session) => signIn(session),
    async verify(accessToken) {
      const verdict = await verify(accessToken)
      return verdict instanceof AuthError ? verdict : verdict.auth
    },
  }
}

/** `bff.bearer`: leaves what `requireBearer` would leave for the access token of the session. */
export function createSessionGuard(
  reader: SessionReader,
  responder: Responder,
  used: (req: IncomingMessage, session: Session) => void,
): Middleware {
  async function judge(req: IncomingMessage, res: ServerResponse): Promise<SignedIn | AuthError> {
    const session = await reader.recall(req, res)
    return session instanceof AuthError ? session : reader.signIn(session)
  }

  return function tokenHandlerMiddleware(req, res, next) {
    const { events } = responder
    const startedAt = events.now()
    answerBy(next, async () => {
      const signedIn = await judge(req, res)
      if (signedIn instanceof AuthError) {
        responder.refuse('tokenHandler', signedIn, { req, res, next, startedAt })
        return
      }
      const { token, session } = signedIn
      const { auth } = token
      used(req, session)
      keepSubjectToken(auth, session.accessToken)
      if (!res.headersSent) res.setHeader('Cache-Control', 'no-store')
      events.accepted('tokenHandler', auth, req, startedAt)
      setAuthState(req, { auth, responder, token, res, denylist: undefined })
      next()
    })
  }
}
