import express from 'express'
import request from 'supertest'
import { requireBearer, requireScope } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'

const issuer = createTestIssuer({ like: 'keycloak' })
const app = express()
app.use(requireBearer(issuer.options))
app.get('/notes', requireScope('notes:read'), (_req, res) => void res.json([]))

test('a good token passes', async () => {
  await issuer.authed(request(app).get('/notes'), { scope: 'notes:read' }).expect(200)
})

test('an expired token is refused', async () => {
  await request(app).get('/notes').auth(issuer.expired(), { type: 'bearer' }).expect(401)
})
