import assert from 'node:assert/strict'
import express from 'express'
import request from 'supertest'
import { authOf, requireBearer, requireScope } from 'express-resource-server'
import 'express-resource-server/augment'
import { strictCors } from 'express-resource-server/browser'
import { keycloak } from 'express-resource-server/issuers'
import { redisRevocationStore } from 'express-resource-server/redis'
import { createTestIssuer } from 'express-resource-server/testing'

for (const value of [strictCors, keycloak, redisRevocationStore]) {
  assert.equal(typeof value, 'function')
}
const issuer = createTestIssuer({ like: 'keycloak' })
const app = express()
app.use(requireBearer(issuer.options))
app.get('/notes', requireScope('notes:read'), (req, res) => void res.json(authOf(req).subject))

await request(app).get('/notes').expect(401)
await issuer.authed(request(app).get('/notes')).expect(403)
await issuer.authed(request(app).get('/notes'), { scope: 'notes:read' }).expect(200, '"user-1"')
