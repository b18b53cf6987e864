import { expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { requireBearer, requireScope } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'

it('gives opaque tokens, and says of each what a test asks for', async () => {
  const issuer = createTestIssuer()
  await issuer.listen()
  const app = express()
  const introspection = { ...issuer.introspection, cacheSeconds: 0 }
  app.use(requireBearer({ ...issuer.options, introspection }), requireScope('read'))
  app.get('/', (_req, res) => void res.json({}))
  const statusOf = async (token: string): Promise<number> =>
    (await request(app).get('/').set('Authorization', `Bearer ${token}`)).status
  const token = issuer.opaqueToken({ scope: 'read' })
  expect(await statusOf(token)).toBe(200)
  expect(await statusOf(issuer.opaqueToken({ scope: 'other' }))).toBe(403)
  expect(await statusOf(issuer.token({ scope: 'read' }))).toBe(200)
  issuer.revokeOpaque(token)
  expect(await statusOf(token)).toBe(401)
})
