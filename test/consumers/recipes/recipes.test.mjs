import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import request from 'supertest'
import { createTestIssuer } from 'express-resource-server/testing'

const issuer = createTestIssuer()
await issuer.listen()
process.env.ISSUER = issuer.issuer
process.env.TENANTS = issuer.issuer
process.env.AUDIENCE = issuer.audience

const scope = 'notes:read'
const notes = (app, claims) => issuer.authed(request(app).get('/api/notes'), { scope, ...claims })

it('the first app', async () => {
  const { app } = await import('./app.mjs')
  await notes(app, { sid: 'session-7' }).expect(200)
  await issuer.authed(request(app).post('/logout'), { sid: 'session-7' }).expect(204)
  await notes(app, { sid: 'session-7' }).expect(401)
})

it('tenants', async () => {
  const { app } = await import('./tenants.mjs')
  await notes(app).expect(200)
  await request(app).get('/api/notes').auth(issuer.wrongIssuer(), { type: 'bearer' }).expect(401)
})

it('log out everywhere else', async () => {
  const { app } = await import('./logout-others.mjs')
  await issuer.authed(request(app).post('/logout-others'), { sid: 'here' }).expect(204)
  await notes(app, { sid: 'here' }).expect(200)
  await notes(app, { sid: 'there' }).expect(401)
})

it('privileges changed', async () => {
  const { app, roleTakenAway, roleTakenAwayAt } = await import('./privileges-changed.mjs')
  const now = Math.floor(Date.now() / 1000)
  await notes(app, { sub: 'a', version: 7 }).expect(200)
  await roleTakenAway('a', 8)
  await notes(app, { sub: 'a', version: 7 }).expect(401)
  await notes(app, { sub: 'a', version: 8 }).expect(200)
  await roleTakenAwayAt('b', now - 60)
  await notes(app, { sub: 'b', version: 1, iat: now - 61 }).expect(401)
  await notes(app, { sub: 'b', version: 1, iat: now - 30 }).expect(200)
})

it('your own rule', async () => {
  const { app } = await import('./own-rule.mjs')
  await notes(app, { sub: 'open' }).expect(200)
  await notes(app, { sub: 'closed' }).expect(401)
  await notes(app, { sub: 'nobody-knows' }).expect(503).expect('retry-after', '5')
})

it('your own error handler', async () => {
  const { app } = await import('./error-handler.mjs')
  const refused = await request(app).get('/api/notes').set('x-request-id', 'r-1').expect(401)
  assert.deepEqual(refused.body, { code: 'no_credential', id: 'r-1' })
  assert.match(refused.headers['www-authenticate'], /^Bearer/)
})

it('a handler that refuses', async () => {
  const { app } = await import('./handler-refuses.mjs')
  const put = (more) => issuer.authed(request(app).put('/api/notes/1'), { scope: more })
  await put('notes:unlock').expect(204)
  const { headers } = await put('notes:read').expect(403)
  assert.match(headers['www-authenticate'], /scope="notes:unlock"/)
})

it('reads go on while the denylist is down', async () => {
  process.env.REDIS_URL = 'redis://127.0.0.1:1'
  const { app } = await import('./reads-go-on.mjs')
  await notes(app).expect(200)
  await issuer.authed(request(app).post('/api/notes'), { scope }).expect(503)
})

after(() => setImmediate(process.exit))
