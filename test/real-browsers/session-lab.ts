import { buildSync } from 'esbuild'
import express, { type Express } from 'express'
import {
  authOf,
  clientSecretBasic,
  jtiBlocklist,
  memoryRevocationStore,
  type AuthEvent,
} from '../../lib/index.js'
import { memorySessionStore, tokenHandler } from '../../lib/session.js'
import { AUDIENCE, CLIENT, startLoginProvider } from '../../tools/login-provider.js'

/** Of the first access token; those that are renewed live long. */
export const FIRST_ACCESS_SECONDS = 2

/** An app with `tokenHandler` and a real provider; an app whose pages refresh for themselves. */
export interface SessionLab {
  readonly bff: string
  readonly selfRefreshing: string
  readonly app: Express
  readonly tabs: Express
  readonly events: readonly AuthEvent[]
  /** Refreshes of `selfRefreshing`, by the user. */
  readonly refreshes: ReadonlyMap<string, number>
  close(): Promise<void>
}

export async function startSessionLab(bff: string, selfRefreshing: string): Promise<SessionLab> {
  const redirectUri = `${bff}/auth/callback`
  const provider = await startLoginProvider({
    redirectUri,
    afterLogout: `${bff}/page`,
    accessSeconds: (grant) => (grant === 'refresh_token' ? 3600 : FIRST_ACCESS_SECONDS),
  })
  const events: AuthEvent[] = []
  const revocations = memoryRevocationStore({ clockToleranceSeconds: 0 })
  const handler = tokenHandler({
    issuer: provider.url,
    audience: AUDIENCE,
    clockToleranceSeconds: 0,
    clientId: CLIENT.id,
    clientAuth: clientSecretBasic(CLIENT.secret),
    redirectUri,
    afterLogout: `${bff}/page`,
    scopes: 'notes:read',
    refreshBeforeSeconds: 0,
    sessions: memorySessionStore(),
    secrets: ['a secret of the browser tests, no. 1'],
    revocations,
    onEvent: (event) => events.push(event),
  })
  const app = express().use(handler.routes).use(clientScript())
  app.use('/api', handler.bearer, jtiBlocklist(revocations))
  app.get('/api/me', (req, res) => void res.send(authOf(req).subject))
  app.post('/api/notes', (_req, res) => void res.status(201).end())
  const refreshes = new Map<string, number>()
  return {
    bff,
    selfRefreshing,
    app,
    tabs: selfRefreshingApp(refreshes),
    events,
    refreshes,
    async close() {
      handler.close()
      await provider.close()
    },
  }
}

/** `apiFetch` as an app bundles it, and a page that has it. */
function clientScript(): Express {
  const { outputFiles } = buildSync({
    stdin: {
      contents: `import { apiFetch } from './client.js'\nglobalThis.apiFetch = apiFetch`,
      resolveDir: 'lib',
    },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
  })
  const [{ text } = { text: '' }] = outputFiles
  const app = express()
  app.get('/client.js', (_req, res) => void res.type('js').send(text))
  app.get('/page', (_req, res) => {
    res.type('html').send('<!doctype html><title>app</title><script src="/client.js"></script>')
  })
  return app
}

/** Takes the cookie `fresh` for a credential; a refresh takes a while, and is counted. */
function selfRefreshingApp(refreshes: Map<string, number>): Express {
  const app = clientScript()
  app.get('/notes', (req, res) => {
    res.status(/fresh=1/.test(req.headers.cookie ?? '') ? 200 : 401).end()
  })
  app.post('/refresh/:user', (req, res) => {
    const { user } = req.params
    refreshes.set(user, (refreshes.get(user) ?? 0) + 1)
    setTimeout(() => {
      res.cookie('fresh', '1', { secure: true, httpOnly: true, sameSite: 'strict' })
      res.status(204).end()
    }, 200)
  })
  return app
}
