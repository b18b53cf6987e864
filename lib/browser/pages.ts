import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../core/auth/auth.js'
import { isOwnPath, sendLeadingPage } from '../http/answer/page.js'
import { isLoopbackHost } from '../http/request/host.js'

/**
 * Ends a login by a page that leads on to `path`, instead of a redirect. After a login elsewhere, a
 * redirect would still belong to the other site's navigation, and browsers send no `SameSite=Strict`
 * cookie with it: the user would arrive logged out. A navigation from a page of our own carries it.
 *
 * @example
 * cookie.set(res, tokens.access_token, { expiresAt })
 * loginRedirect(res, '/notes')
 *
 * @throws TypeError for anything but a path on this host: a return address is often a parameter,
 *   and must not lead a user elsewhere after a login.
 */
export function loginRedirect(res: ServerResponse, path: string): void {
  if (!isOwnPath(path)) {
    throw new TypeError('loginRedirect: "path" must be a path on this host, like "/notes"')
  }
  sendLeadingPage(res, path)
}

/**
 * Leads a user who has been logged out here to the issuer's `end_session_endpoint`. Give it to
 * `logout` as `respond`. A script gets `{ "redirect": url }` to follow; a form gets a page that
 * leads on, because a redirect to another origin runs into `form-action 'self'`.
 *
 * @example
 * app.post('/logout', bearer, logout(revocations, { cookies: [cookie], respond: endSession('https://id.example.com/logout') }))
 *
 * @throws TypeError at construction, for what is no https URL.
 */
export function endSession(
  url: string | URL,
): (auth: Auth, req: IncomingMessage, res: ServerResponse) => void {
  const target = URL.canParse(String(url)) ? new URL(url) : undefined
  const isLocal = isLoopbackHost(target?.host)
  if (target === undefined || !(target.protocol === 'https:' || isLocal)) {
    throw new TypeError('endSession: "url" must be the https URL of the end_session_endpoint')
  }
  const { href } = target
  return (_auth, req, res) => {
    if (req.headers.accept?.includes('text/html') === true) {
      sendLeadingPage(res, href)
      return
    }
    res.setHeader('Cache-Control', 'no-store')
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify({ redirect: href }))
  }
}
