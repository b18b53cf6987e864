import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../core/auth.js'
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
  sendPage(res, path)
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
      sendPage(res, href)
      return
    }
    res.setHeader('Cache-Control', 'no-store')
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify({ redirect: href }))
  }
}

/** `//host` and `/\host` lead to another host, and browsers drop tabs and line ends before they look. */
function isOwnPath(path: unknown): path is string {
  return typeof path === 'string' && /^\/(?![/\\])[!-[\]-~]*$/.test(path)
}

/** Works without scripts, so that no Content-Security-Policy can hinder it. */
function sendPage(res: ServerResponse, url: string): void {
  const target = escapeHtml(url)
  res.statusCode = 200
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Content-Type', 'text/html; charset=utf-8')
  res.end(
    `<!doctype html><meta charset="utf-8"><title>One moment</title><meta http-equiv="refresh" content="0;url=${target}"><p><a href="${target}">Continue</a></p>\n`,
  )
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
