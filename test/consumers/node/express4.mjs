import express from 'express4'
import request from 'supertest'
import { requireBearer, requireScope } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'

const issuer = createTestIssuer()
const app = express()
app.use(requireBearer(issuer.options))
app.get('/notes', requireScope('notes:read'), (_req, res) => void res.json([]))

await request(app).get('/notes').expect(401)
await issuer.authed(request(app).get('/notes'), { scope: 'notes:read' }).expect(200)
