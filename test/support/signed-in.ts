import { createServer, type RequestListener } from 'node:http'
import express, { type Express } from 'express'
import {
  authOf,
  clientSecretBasic,
  jtiBlocklist,
  memoryRevocationStore,
  type AuthEvent,
  type RevocationStore,
} from '../../lib/index.js'
import {
  memorySessionStore,
  tokenHandler,
  type SessionStore,
  type TokenHandler,
  type TokenHandlerOptions,
} from '../../lib/session.js'
import { openLoginBrowser, type LoginBrowser } from '../../tools/login-browser.js'
import {
  AUDIENCE,
  CLIENT,
  startLoginProvider,
  type LoginProvider,
  type LoginProviderOptions,
} from '../../tools/login-provider.js'
import { running, type RunningServer } from '../../tools/server.js'

export const SECRET = 'a secret of the tests, long enough to be one'

export interface BffSetup {
  readonly options?: Partial<TokenHandlerOptions>
  readonly provider?: Partial<LoginProviderOptions>
  /** @default in memory */
  readonly sessions?: SessionStore
  readonly revocations?: RevocationStore
  /** Further routes, behind `bff.bearer` at `/api`. */
  readonly behind?: (app: Express, bff: TokenHandler) => void
}

/** An app with `tokenHandler`, a real provider, and events in order. */
export interface Bff {
  readonly app: RunningServer
  readonly bff: TokenHandler
  readonly provider: LoginProvider
  readonly events: readonly AuthEvent[]
  readonly revocations: RevocationStore
  /** Another process of the same app, behind the same address: the next requests go to it. */
  swap(options?: Partial<TokenHandlerOptions>): TokenHandler
  /** A browser in which `user` has logged in. */
  logIn(user: string): Promise<LoginBrowser>
  close(): Promise<void>
}

export async function startBff(setup: BffSetup = {}): Promise<Bff> {
  let handle: RequestListener | undefined
  const app = await running(createServer((req, res) => handle?.(req, res)))
  const redirectUri = `${app.url}/auth/callback`
  const provider = await startLoginProvider({
    redirectUri,
    afterLogout: `${app.url}/`,
    logoutUri: `${app.url}/auth/backchannel-logout`,
    ...setup.provider,
  })
  const events: AuthEvent[] = []
  const revocations = setup.revocations ?? memoryRevocationStore({ clockToleranceSeconds: 0 })
  const sessions = setup.sessions ?? memorySessionStore()
  const handlers: TokenHandler[] = []

  function swap(options: Partial<TokenHandlerOptions> = {}): TokenHandler {
    const bff = tokenHandler({
      issuer: provider.url,
      audience: AUDIENCE,
      algorithms: ['ES256'],
      clientId: CLIENT.id,
      clientAuth: clientSecretBasic(CLIENT.secret),
      redirectUri,
      scopes: 'notes:read',
      afterLogout: `${app.url}/`,
      sessions,
      secrets: [SECRET],
      revocations,
      onEvent: (event: AuthEvent) => events.push(event),
      ...setup.options,
      ...options,
    } as TokenHandlerOptions)
    handlers.push(bff)
    const host = express()
    host.use(bff.routes)
    host.use('/api', bff.bearer, jtiBlocklist(revocations))
    setup.behind?.(host, bff)
    host.get('/api/me', (req, res) => void res.json({ subject: authOf(req).subject }))
    host.post('/api/notes', (_req, res) => void res.status(201).end())
    host.get('/', (_req, res) => void res.send('home'))
    handle = host
    return bff
  }
  const bff = swap()

  return {
    app,
    bff,
    provider,
    events,
    revocations,
    swap,
    async logIn(user) {
      const browser = openLoginBrowser()
      const { status, url } = await browser.follow(`${app.url}/auth/login`, user)
      if (status !== 200 || url.pathname !== '/') throw new Error(`Not logged in: ${url.href}`)
      return browser
    },
    async close() {
      for (const handler of handlers) handler.close()
      await app.close()
      await provider.close()
    },
  }
}
