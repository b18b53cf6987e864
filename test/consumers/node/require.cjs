const assert = require('node:assert/strict')
const express = require('express')
const request = require('supertest')
const { requireBearer, requireScope } = require('express-resource-server')
require('express-resource-server/augment')
require('express-resource-server/browser')
require('express-resource-server/redis')
const { keycloak } = require('express-resource-server/issuers')
const { createTestIssuer } = require('express-resource-server/testing')

assert.equal(typeof keycloak, 'function')
const issuer = createTestIssuer()
const app = express()
app.use(requireBearer(issuer.options))
app.get('/notes', requireScope('notes:read'), (_req, res) => void res.json([]))

async function main() {
  await request(app).get('/notes').expect(401)
  await issuer.authed(request(app).get('/notes')).expect(403)
  await issuer.authed(request(app).get('/notes'), { scope: 'notes:read' }).expect(200)
}
main()
