import express from 'express'
import request from 'supertest'
import { requireBearer } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'

const issuer = createTestIssuer()
const app = express()
app.get('/notes', requireBearer(issuer.options), (_req, res) => void res.json([]))

test('a good token passes', () => issuer.authed(request(app).get('/notes')).expect(200))

test('an expired token is refused', () =>
  request(app).get('/notes').auth(issuer.expired(), { type: 'bearer' }).expect(401))
