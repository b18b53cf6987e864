import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { jtiBlocklist, requireBearer, type RevocationStore } from '../../lib/index.js'
import { redisRevocationStore } from '../../lib/redis.js'
import { createTestIssuer } from '../../lib/testing.js'
import { startRedis, type RedisServer } from '../../tools/redis-server.js'

let redis: RedisServer
const issuer = createTestIssuer()
const stores: RevocationStore[] = []

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()))
  await redis.stop()
})

async function openStore(mode: 'strict' | 'replicated', name: string): Promise<RevocationStore> {
  const store = redisRevocationStore({ redis: redis.url, mode, name, onEmpty: 'initialize' })
  stores.push(store)
  await store.ready()
  return store
}

describe.each([
  ['strict', 'strict'],
  ['replicated', 'replicated'],
  ['strict', 'replicated'],
] as const)('two denylists on one route, %s and %s', (first, second) => {
  it('each judge by keys of their own what both remember of a token', async () => {
    const [one, other] = await Promise.all([
      openStore(first, `one-${first}-${second}`),
      openStore(second, `other-${first}-${second}`),
    ])
    const app = express()
    app.use(requireBearer(issuer.options))
    app.use(jtiBlocklist(one), jtiBlocklist(other), (_req, res) => void res.json({}))
    const [kept, revokedByOne, revokedByOther] = ['kept', 'by-one', 'by-other'].map((jti) =>
      issuer.token({ jti }),
    )
    const status = async (token: string | undefined): Promise<number> =>
      (await request(app).get('/').auth(token!, { type: 'bearer' })).status

    for (const token of [kept, revokedByOne, revokedByOther]) expect(await status(token)).toBe(200)
    const expiresAt = Math.floor(Date.now() / 1000) + 600
    await one.revokeToken({ issuer: issuer.issuer, tokenId: 'by-one', expiresAt })
    await other.revokeToken({ issuer: issuer.issuer, tokenId: 'by-other', expiresAt })
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await status(revokedByOne)).toBe(401)
      expect(await status(revokedByOther)).toBe(401)
      expect(await status(kept)).toBe(200)
    }
  })
})
