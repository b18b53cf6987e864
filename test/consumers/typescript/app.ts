import express from 'express'
import request from 'supertest'
import {
  AuthError,
  authOf,
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  type RequireBearerOptions,
} from 'express-resource-server'
import 'express-resource-server/augment'
import { strictCors } from 'express-resource-server/browser'
import { keycloak } from 'express-resource-server/issuers'
import { redisRevocationStore } from 'express-resource-server/redis'
import { sharedSignals } from 'express-resource-server/signals'
import { browserLike, createTestIssuer } from 'express-resource-server/testing'

const options: RequireBearerOptions = {
  ...keycloak({ baseUrl: 'https://id.example.com', realm: 'notes', audience: 'notes-api' }),
  onEvent(event) {
    if (event.name === 'request.refused') console.info(event.reason)
  },
}

export const app = express()
app.use(strictCors({ trustedOrigins: ['https://app.example.com'] }))
app.use(requireBearer(options), jtiBlocklist(memoryRevocationStore()))
app.get('/notes/:id', requireScope('notes:read'), (req, res) => {
  const id: string = req.params.id
  const subject: string | undefined = req.auth?.subject
  res.json([id, subject, authOf(req).scopes.has('notes:write')])
})

export const store = (url: string) => redisRevocationStore({ redis: url })
export const isOurs = (error: unknown): boolean => error instanceof AuthError && error.status > 400
export const issuer = createTestIssuer()
export const test = () => issuer.authed(browserLike(request(app).get('/notes/1')), { scope: 'a' })

// @ts-expect-error: types are really there.
requireScope(5)

const trusted = { issuer: 'https://id.example.com', audience: 'https://api.example.com' }
const jwksUri = 'https://id.example.com/jwks'
export const sources = [
  requireBearer(trusted),
  requireBearer({ ...trusted, jwksUri }),
  requireBearer({ ...trusted, jwks: { keys: [] } }),
  sharedSignals(memoryRevocationStore(), { ...trusted, jwksUri }),
]
// @ts-expect-error: two sources of keys
requireBearer({ ...trusted, jwksUri, jwks: { keys: [] } })
// @ts-expect-error: a secret beside public keys
requireBearer({ ...trusted, jwksUri, secret: new Uint8Array(32) })
// @ts-expect-error: two sources of keys
sharedSignals(memoryRevocationStore(), { ...trusted, jwksUri, jwks: { keys: [] } })
