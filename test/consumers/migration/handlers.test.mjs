import { it } from 'node:test'
import express from 'express'
import request from 'supertest'
import {
  authOf,
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  requireScope,
} from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'

/** What handlers read, by the package that they were written for. */
const HANDLERS = {
  'express-jwt': {
    bridge(req) {
      req.auth = authOf(req).claims
    },
    read: (req) => [req.auth.sub, req.auth.email],
  },
  'express-oauth2-jwt-bearer': {
    bridge(req) {
      req.auth = { payload: authOf(req).claims }
    },
    read: (req) => [req.auth.payload.sub, req.auth.payload.email],
  },
  'passport-jwt': {
    bridge(req) {
      const { subject, claims } = authOf(req)
      req.user = { id: subject, email: claims.email }
    },
    read: (req) => [req.user.id, req.user.email],
  },
  'aws-jwt-verify': {
    bridge(req) {
      req.user = authOf(req).claims
    },
    read: (req) => [req.user.sub, req.user.email],
  },
  'keycloak-connect': {
    bridge(req) {
      req.kauth = { grant: { access_token: { content: authOf(req).claims } } }
    },
    read: ({ kauth: { grant } }) => [
      grant.access_token.content.sub,
      grant.access_token.content.email,
    ],
  },
}

const issuer = createTestIssuer()

for (const [name, { bridge, read }] of Object.entries(HANDLERS)) {
  it(`serves handlers that were written for ${name}, and the guards behind them`, async () => {
    const revocations = memoryRevocationStore()
    const app = express()
    app.use(requireBearer(issuer.options), (req, _res, next) => {
      bridge(req)
      next()
    })
    app.get('/', jtiBlocklist(revocations), requireScope('notes:read'), (req, res) => {
      res.json(read(req))
    })
    const claims = { sub: 'user-7', email: 'a@example.com', jti: 'token-7', scope: 'notes:read' }
    const send = (more) => issuer.authed(request(app).get('/'), { ...claims, ...more })
    await send().expect(200, ['user-7', 'a@example.com'])
    await send({ scope: 'other' }).expect(403)
    const expiresAt = Math.floor(Date.now() / 1000) + 300
    await revocations.revokeToken({ issuer: issuer.issuer, tokenId: 'token-7', expiresAt })
    await send().expect(401)
  })
}
