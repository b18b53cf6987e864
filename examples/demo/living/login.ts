import { createHash, randomBytes } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import { loginRedirect, type TokenCookie } from '../../../lib/browser.js'
import type { RevocationStore } from '../../../lib/index.js'
import { AUDIENCE } from '../provider.js'
import { asynchronous } from './asynchronous.js'
import { claimsOf } from './own-token.js'

/** The page as a client of the issuer: code with PKCE, and refresh tokens that stay on the server. */
export const PAGE_CLIENT = 'notes-page'

/** Whoever is logged in: the demo has one user at a time. Tokens never reach the page's scripts. */
export interface Visitor {
  access?: string
  refresh?: string
  /** The access token before the last refresh, logout or login. */
  previous?: string
}

export interface LoginOptions {
  readonly issuer: string
  readonly origin: string
  readonly cookie: TokenCookie
  readonly visitor: Visitor
  readonly revocations: RevocationStore
}

interface Tokens {
  readonly access: string
  readonly refresh: string | undefined
  readonly expiresAt: number
}

/** Holds what a login that was begun must come back with (RFC 6749 §10.12, RFC 7636 §4.1). */
const PENDING = '__Host-Http-demo-login'

export function loginRoutes(options: LoginOptions): Router {
  const { issuer, origin, cookie, visitor, revocations } = options
  const routes = Router()

  routes.get('/login', (_req, res) => {
    const [state, verifier] = [random(), random()]
    const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const
    res.cookie(PENDING, `${state}.${verifier}`, { ...attributes, maxAge: 600_000 })
    const url = new URL('/auth', issuer)
    url.search = new URLSearchParams({
      client_id: PAGE_CLIENT,
      redirect_uri: `${origin}/callback`,
      response_type: 'code',
      scope: 'openid offline_access notes:read notes:write',
      prompt: 'login consent',
      resource: AUDIENCE,
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString()
    res.redirect(url.href)
  })

  routes.get(
    '/callback',
    asynchronous(async (req, res) => {
      const [state, verifier = ''] = pendingOf(req).split('.')
      const { code, state: returned } = req.query
      res.clearCookie(PENDING, { path: '/', secure: true, httpOnly: true })
      if (typeof code === 'string' && state !== '' && returned === state) {
        keep(
          res,
          await tokensFor(issuer, {
            grant_type: 'authorization_code',
            code,
            redirect_uri: `${origin}/callback`,
            code_verifier: verifier,
          }),
        )
      }
      loginRedirect(res, '/')
    }),
  )

  function keep(res: Response, { access, refresh, expiresAt }: Tokens): void {
    if (visitor.access !== undefined) visitor.previous = visitor.access
    Object.assign(visitor, { access, refresh })
    cookie.set(res, access, { expiresAt })
  }

  /** A refreshed token would live on until it expires, and a copy of it as well. */
  async function revokeReplaced(): Promise<void> {
    if (visitor.previous === undefined) return
    const { jti, exp } = claimsOf(visitor.previous)
    // #region refresh
    await revocations.revokeToken({ issuer, tokenId: String(jti), expiresAt: Number(exp) })
    // #endregion
  }

  routes.post(
    '/refresh',
    asynchronous(async (_req, res) => {
      const { refresh } = visitor
      if (refresh === undefined) {
        res.status(409).json({ error: 'no_login', error_description: 'Log in first' })
        return
      }
      try {
        keep(res, await tokensFor(issuer, { grant_type: 'refresh_token', refresh_token: refresh }))
        await revokeReplaced()
        res.sendStatus(204)
      } catch (error) {
        delete visitor.refresh
        res.status(401).json({ error: 'login_over', error_description: (error as Error).message })
      }
    }),
  )
  return routes
}

async function tokensFor(
  issuer: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Tokens> {
  const response = await fetch(new URL('/token', issuer), {
    method: 'POST',
    body: new URLSearchParams({ client_id: PAGE_CLIENT, ...parameters }),
    signal: AbortSignal.timeout(5000),
  })
  const body = (await response.json()) as Readonly<Record<string, unknown>>
  const access = body['access_token']
  if (typeof access !== 'string') {
    throw new Error(`The issuer gave no token: ${String(body['error_description'])}`)
  }
  const refresh = body['refresh_token']
  return {
    access,
    refresh: typeof refresh === 'string' ? refresh : undefined,
    expiresAt: Date.now() / 1000 + Number(body['expires_in']),
  }
}

function pendingOf({ headers }: Request): string {
  const pair = (headers.cookie ?? '').split('; ').find((text) => text.startsWith(`${PENDING}=`))
  return pair?.slice(PENDING.length + 1) ?? ''
}

function random(): string {
  return randomBytes(32).toString('base64url')
}
