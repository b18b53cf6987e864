import assert from 'node:assert/strict'
import Fastify from 'fastify'
import { authOf, requireBearer, requireScope } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'

const issuer = createTestIssuer()
const app = Fastify()
/** A guard as a hook. Where it refuses it has answered, and Fastify is told to leave it so. */
const hook = (guard) => (request, reply, done) => {
  reply.raw.once('finish', () => reply.hijack())
  guard(request.raw, reply.raw, done)
}
app.addHook('onRequest', hook(requireBearer(issuer.options)))
app.get('/notes', { preHandler: hook(requireScope('notes:read')) }, (request) => ({
  owner: authOf(request.raw).subject,
}))

const address = await app.listen({ port: 0, host: '127.0.0.1' })
const ask = async (token) => {
  const headers = { connection: 'close', ...(token && { authorization: `Bearer ${token}` }) }
  return (await fetch(`${address}/notes`, { headers })).status
}
assert.equal(await ask(), 401)
assert.equal(await ask(issuer.token()), 403)
assert.equal(await ask(issuer.token({ scope: 'notes:read' })), 200)
await app.close()
