// Node gives `import` and `require` the same copy. A runner may give each its own, as paths do here.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import express from 'express'
import request from 'supertest'
import * as imported from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'

const require = createRequire(import.meta.url)
const folder = join(require.resolve('express-resource-server/package.json'), '..')
assert.equal(require('express-resource-server').AuthError, imported.AuthError)
const required = require(join(folder, 'dist/cjs/index.js'))
assert.notEqual(required.AuthError, imported.AuthError)

const issuer = createTestIssuer()
const token = issuer.token({ scope: 'notes:read' })
for (const [first, second] of [
  [imported, required],
  [required, imported],
]) {
  const reason = { reason: 'no_credential' }
  assert(new first.AuthError('no_credential', reason) instanceof second.AuthError)
  assert(new first.RevocationUnavailable('down') instanceof second.RevocationUnavailable)
  const app = express()
  const store = second.memoryRevocationStore()
  app.use(first.requireBearer(issuer.options), second.jtiBlocklist(store))
  app.get('/notes', second.requireScope('notes:read'), (req, res) => {
    res.json(first.authOf(req) === second.authOf(req))
  })
  app.get('/admin', second.requireRole('admin'))
  await request(app).get('/notes').auth(token, { type: 'bearer' }).expect(200, 'true')
  await request(app).get('/admin').auth(token, { type: 'bearer' }).expect(403)
}
