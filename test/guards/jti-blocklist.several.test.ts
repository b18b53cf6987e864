import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { jtiBlocklist, requireBearer, type RevocationStore } from '../../lib/index.js'
import { redisRevocationStore } from '../../lib/redis.js'
import { startRedis, type RedisServer } from '../../tools/redis-server.js'
import { startIssuer, type TestIssuer } from '../../tools/issuer.js'

let redis: RedisServer
let issuer: TestIssuer
const stores: RevocationStore[] = []

beforeAll(async () => {
  redis = await startRedis()
  issuer = await startIssuer()
})
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()))
  await issuer.close()
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
    app.use(requireBearer({ issuer: issuer.url, audience: issuer.audience }))
    app.use(jtiBlocklist(one), jtiBlocklist(other), (_req, res) => void res.json({}))
    const [kept, revokedByOne, revokedByOther] = await Promise.all(
      ['kept', 'by-one', 'by-other'].map((jti) => issuer.token({ jti })),
    )
    const status = async (token: string | undefined): Promise<number> =>
      (await request(app).get('/').auth(token!, { type: 'bearer' })).status

    for (const token of [kept, revokedByOne, revokedByOther]) expect(await status(token)).toBe(200)
    const expiresAt = Math.floor(Date.now() / 1000) + 600
    await one.revokeToken({ issuer: issuer.url, tokenId: 'by-one', expiresAt })
    await other.revokeToken({ issuer: issuer.url, tokenId: 'by-other', expiresAt })
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await status(revokedByOne)).toBe(401)
      expect(await status(revokedByOther)).toBe(401)
      expect(await status(kept)).toBe(200)
    }
  })
})
