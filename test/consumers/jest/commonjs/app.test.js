const request = require('supertest')
const { strictCors } = require('express-resource-server/browser')
const { redisRevocationStore } = require('express-resource-server/redis')
const { createTestIssuer, testRevocationStore } = require('express-resource-server/testing')
const { buildApp } = require('./app')

const issuer = createTestIssuer()
const revocations = testRevocationStore()
const app = buildApp({ auth: issuer.options, revocations })

test('a good token passes', () =>
  issuer.authed(request(app).get('/notes'), { scope: 'notes:read' }).expect(200, '"user-1"'))

test('an expired token is refused', () =>
  request(app).get('/notes').auth(issuer.expired(), { type: 'bearer' }).expect(401))

test('an outage of the denylist is 503', async () => {
  revocations.outage()
  await issuer.authed(request(app).get('/notes')).expect(503)
})

test('keys are fetched by the CommonJS half', async () => {
  await issuer.listen()
  const fetching = buildApp({ auth: issuer.options, revocations: testRevocationStore() })
  await issuer.authed(request(fetching).get('/notes'), { scope: 'notes:read' }).expect(200)
})

test('the subpaths are there', () => {
  expect([typeof strictCors, typeof redisRevocationStore]).toEqual(['function', 'function'])
})
