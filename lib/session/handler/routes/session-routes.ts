import { AuthError } from '../../../core/verdicts/errors.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import { sendLeadingPage } from '../../../http/answer/page.js'
import { storeOutage } from '../../../revocation/asking/outage.js'
import { sendJson, type Route, type RouteContext } from './context.js'
import type { Session } from '../sessions/session.js'

/** Of the protocol, and of no use to a page. */
const HIDDEN_CLAIMS: ReadonlySet<string> = new Set([
  'aud',
  'azp',
  'exp',
  'iat',
  'nbf',
  'jti',
  'sid',
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
])

/** `GET /session`: who is logged in, and until when. It does not keep the session alive. */
export function sessionRoute({ reader }: RouteContext): Route {
  return async (req, res) => {
    const found = await reader.find(req, res, false)
    if (found instanceof AuthError) return found
    const { claims, expiresAt } = found.session
    const shown = Object.entries(claims).filter(([name]) => !HIDDEN_CLAIMS.has(name))
    sendJson(res, {
      claims: Object.fromEntries(shown),
      expiresAt: Math.floor(expiresAt),
      idleExpiresAt: Math.floor(Math.min(found.idleExpiresAt, expiresAt)),
    })
    return undefined
  }
}

/** `POST /refresh`, for `apiFetch`: whether the session goes on, its access token renewed where that is due. */
export function refreshRoute({ reader }: RouteContext): Route {
  return async (req, res) => {
    const found = await reader.find(req, res, true)
    if (found instanceof AuthError) return found
    const signedIn = await reader.signIn(found.session)
    if (signedIn instanceof AuthError) return signedIn
    res.statusCode = 204
    res.setHeader('Cache-Control', 'no-store')
    res.end()
    return undefined
  }
}

/**
 * `POST /logout`: ends the session here, and says where it ends at the issuer. Told only once it is
 * stored; the issuer is then told of the refresh token as far as it can be had.
 */
export function logoutRoute(context: RouteContext): Route {
  const { client, cookie, reader, sessions } = context

  async function end(session: Session): Promise<void | AuthError> {
    return (
      (await revokeAccessToken(context, session)) ??
      (await sessions.revoke(session)) ??
      (await sessions.end(session, 'logout'))
    )
  }

  return async (req, res) => {
    // Also where no cookie came: `SameSite` keeps it from a foreign page, whose form would clear it here.
    const foreign = cookie.judgeOrigin(req, res)
    if (foreign !== undefined) return foreign
    const found = await reader.find(req, res, false)
    if (found instanceof AuthError) {
      // A second click is no error.
      if (found.status !== 401) return found
      cookie.clear(res)
      answerLogout(req.headers.accept, res, '/')
      return undefined
    }
    const { session } = found
    const ended = await end(session)
    if (ended instanceof AuthError) return ended
    cookie.clear(res)
    const [url] = await Promise.all([
      client.logoutUrl(session.idToken),
      session.refreshToken === undefined ? undefined : client.revoke(session.refreshToken),
    ])
    answerLogout(req.headers.accept, res, url?.href ?? '/')
    return undefined
  }
}

/** It was never shown to a browser, but APIs behind this one may have it. */
async function revokeAccessToken(
  { reader, revocations }: RouteContext,
  session: Session,
): Promise<AuthError | undefined> {
  const auth = await reader.verify(session.accessToken)
  if (auth instanceof AuthError) return undefined
  const revoked = await attempt(
    async () => revocations.revokeToken(auth),
    (cause) => storeOutage('revocation_not_stored', cause),
  )
  return revoked instanceof AuthError ? revoked : undefined
}

function answerLogout(
  accept: string | undefined,
  res: Parameters<typeof sendJson>[0],
  url: string,
): void {
  if (accept?.includes('text/html') === true) sendLeadingPage(res, url)
  else sendJson(res, { redirect: url })
}
