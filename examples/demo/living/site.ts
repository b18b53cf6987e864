import express, { type Express, type RequestHandler } from 'express'
import { backChannelLogout, csrfGuard, requireBearer, securityHeaders } from '../../../lib/index.js'
import { tokenCookie } from '../../../lib/browser.js'
import { AUDIENCE } from '../provider.js'
import { loginRoutes, type Visitor } from './login.js'
import { mcpApi } from './mcp-api.js'
import { notesApi } from './notes-api.js'
import { otherApis } from './other-apis.js'
import { pageFiles } from './page-files.js'
import { stageRoutes } from './stage-routes.js'
import type { LivingStage } from './stage.js'
import { tokenCard } from './token-card.js'
import { traced } from './trace.js'

/** Everything at the origin of the page: the page, the login, the API, and the levers of the stage. */
export function openSite(stage: LivingStage): Express {
  const { origin, provider, revocations, hub } = stage
  const { issuer } = provider
  const visitor: Visitor = {}
  const cookie = tokenCookie()
  const app = express()
  app.use(onlyAt(origin))
  // #region back-channel
  app.post(
    '/back-channel-logout',
    backChannelLogout(revocations, { issuer, clientId: 'notes-page', algorithms: ['ES256'] }),
  )
  // #endregion
  app.use(pageFiles(stage))
  app.use(
    '/api',
    securityHeaders(),
    traced((trace) => hub.tell(trace)),
    notesApi({ issuer, origin, revocations, cookie }),
  )

  app.use(
    ['/opaque', '/dpop', '/mcp'],
    traced((trace) => hub.tell(trace)),
  )
  app.use(otherApis(issuer, origin))
  app.use(mcpApi(issuer, origin))

  // Other pages may not move the stage, also where no token is asked for.
  app.use(csrfGuard({ origin }))
  app.get('/live', (req, res) => hub.serve(req, res))
  app.use(loginRoutes({ issuer, origin, cookie, visitor, revocations }))
  const bearer = requireBearer({
    issuer,
    audience: AUDIENCE,
    optional: true,
    cookie: { ...cookie, origin },
  })
  app.get('/token', bearer, tokenCard(visitor))
  app.use('/stage', stageRoutes(stage, visitor))
  return app
}

/** A name of somebody else that resolves to loopback (DNS rebinding) must not be an origin of ours. */
function onlyAt(origin: string): RequestHandler {
  const { host, port } = new URL(origin)
  const hosts = new Set([host, `127.0.0.1:${port}`])
  return (req, res, next) => {
    if (hosts.has(req.headers.host ?? '')) next()
    else res.status(421).type('text').send(`This demo is at ${origin}`)
  }
}
