import assert from 'node:assert/strict'
import { once } from 'node:events'
import express from 'express'

/** The bundle guards an app; and no optional peer is there, which is told and not fatal. */
export async function judge(ours) {
  const { requireBearer, requireScope, strictCors, redisRevocationStore, createTestIssuer } = ours
  const warned = once(process, 'warning')
  strictCors({ trustedOrigins: ['https://app.example.com'] })
  const [warning] = await warned
  assert.match(warning.message, /npm install cors/)
  const store = redisRevocationStore({ redis: 'redis://127.0.0.1:1' })
  await assert.rejects(store.ready(), (error) => {
    assert.match(String(error.cause?.message ?? error), /npm install ioredis/)
    return true
  })
  await store.close()

  const issuer = createTestIssuer()
  const app = express()
  app.use(requireBearer(issuer.options))
  app.get('/notes', requireScope('notes:read'), (_req, res) => void res.json([]))
  const server = app.listen(0)
  await once(server, 'listening')
  const ask = async (token) => {
    const headers = { authorization: `Bearer ${token}`, connection: 'close' }
    return (await fetch(`http://127.0.0.1:${server.address().port}/notes`, { headers })).status
  }
  assert.equal(await ask(issuer.token({ scope: 'notes:read' })), 200)
  assert.equal(await ask(issuer.token()), 403)
  assert.equal(await ask(issuer.wrongKey()), 401)
  server.close()
}
