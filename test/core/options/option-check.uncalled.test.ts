import { describe, expect, it } from '@jest/globals'
import express, { type NextFunction, type Request, type Response } from 'express'
import request from 'supertest'
import * as browser from '../../../lib/browser.js'
import * as index from '../../../lib/index.js'
import * as mcp from '../../../lib/mcp.js'

/** What the error handler of an app is told, which mounts a function as it is. */
async function complaintOf(mounted: unknown): Promise<string> {
  const app = express()
  app.use(mounted as express.Handler)
  app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).send(error.message)
  })
  return (await request(app).get('/')).text
}

describe('a factory that is mounted without a call', () => {
  it.each(
    Object.entries({
      backChannelLogout: index.backChannelLogout,
      csrfGuard: index.csrfGuard,
      defineClaims: index.defineClaims,
      jtiAllowlist: index.jtiAllowlist,
      jtiBlocklist: index.jtiBlocklist,
      logout: index.logout,
      requireActor: index.requireActor,
      requireAnyPermission: index.requireAnyPermission,
      requireAnyRole: index.requireAnyRole,
      requireAnyScope: index.requireAnyScope,
      requireAuthorizationDetails: index.requireAuthorizationDetails,
      requireBearer: index.requireBearer,
      requireClaims: index.requireClaims,
      requirePermission: index.requirePermission,
      requireRole: index.requireRole,
      requireScope: index.requireScope,
      requireStepUp: index.requireStepUp,
      securityHeaders: index.securityHeaders,
      authRateLimit: browser.authRateLimit,
      strictCors: browser.strictCors,
      mcpBearerAuth: mcp.mcpBearerAuth,
      protectMcp: mcp.protectMcp,
    }),
  )('%s says that it must be called', async (name, factory) => {
    expect(await complaintOf(factory)).toBe(
      `${name}: it makes a guard, and got a request. Call it: app.use(${name}(...))`,
    )
  })
})

describe('a function for handlers that is mounted as a guard', () => {
  it.each(
    Object.entries({
      forwardableHeaders: browser.forwardableHeaders,
      isSameOrigin: browser.isSameOrigin,
    }),
  )('%s says that it is called in a handler', async (name, mounted) => {
    expect(await complaintOf(mounted)).toBe(
      `${name}: it is no guard, and got a response for its options. Call it in a handler: ${name}(req, ...)`,
    )
  })
})
