const request = require('supertest')
const { createTestIssuer } = require('express-resource-server/testing')

const issuer = createTestIssuer()
let app

beforeAll(async () => {
  await issuer.listen()
  process.env.ISSUER = issuer.issuer
  process.env.AUDIENCE = issuer.audience
  app = require('./notes-app').app // not before the address is known
})

test('a user reads their notes', () =>
  issuer.authed(request(app).get('/api/notes'), { scope: 'notes:read' }).expect(200))
