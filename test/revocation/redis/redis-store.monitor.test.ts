import { Agent, request } from 'node:http'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createTestIssuer } from '../../../lib/testing.js'
import { startApi, type TestApi } from '../../../tools/api.js'
import { commandsDuring, mgetsIn } from '../../support/monitor.js'
import { revokeStrangers } from '../../support/redis-store.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

/** As many signatures as may wait at once: none of them is 503 on a machine that is busy besides. */
const REQUESTS = 500

const redis = redisForAllTests()
const agent = new Agent({ keepAlive: true, maxSockets: REQUESTS, maxFreeSockets: REQUESTS })
const issuer = createTestIssuer()
let api: TestApi
let tokens: readonly string[]

beforeAll(async () => {
  // This machine, with all its sockets, does not have to answer within 100 ms.
  const store = await redis.readyStore({ deadlineMs: 5000, stalenessBoundMs: 10_000 })
  await revokeStrangers(store)
  api = await startApi(issuer, { store })
  tokens = Array.from({ length: REQUESTS }, (_, i) =>
    issuer.token({ scope: 'read', jti: `jti-${i}`, sub: `user-${i}`, sid: `session-${i}` }),
  )
  // Opens every socket, and imports the keys.
  await Promise.all(Array.from({ length: REQUESTS }, () => get('none')))
  await get(issuer.token())
})
afterAll(async () => {
  agent.destroy()
  await api.close()
})

/** The status of `GET /r` with this token. */
function get(token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const asking = request(`${api.url}/r`, { agent, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
    })
    asking.once('error', reject)
    asking.end()
  })
}

it.each(['seen for the first time', 'known already'])(
  '500 concurrent requests are a few MGETs, one for each turn of the event loop (tokens %s)',
  async () => {
    const statuses: number[] = []
    const commands = await commandsDuring(redis.admin, async () => {
      statuses.push(...(await Promise.all(tokens.map(get))))
    })
    expect(new Set(statuses)).toEqual(new Set([200]))

    const mgets = mgetsIn(commands)
    expect(mgets.length).toBeGreaterThan(0)
    expect(mgets.length).toBeLessThan(REQUESTS / 10)
    for (const [, ...keys] of mgets) {
      expect(keys.slice(0, 2)).toEqual(['{revocations}:lin', '{revocations}:seq'])
      // One hash tag: one slot, and so one node of a Cluster.
      expect(keys.filter((key) => !key.startsWith('{revocations}:'))).toEqual([])
      expect(new Set(keys).size).toBe(keys.length)
    }

    const asked = mgets.flat().filter((key) => /:j:.*jti-/.test(key))
    expect(asked).toHaveLength(REQUESTS)
    expect(new Set(asked).size).toBe(REQUESTS)
    // The others are beats, and those are scripts.
    const others = commands.filter((command) => !mgets.includes(command))
    expect(others.filter(([name]) => !/^eval(sha)?$/i.test(name ?? ''))).toEqual([])
  },
)

it('neither a token nor a part of one reaches Redis', async () => {
  const commands = await commandsDuring(redis.admin, () => Promise.all(tokens.map(get)))
  const parts = new Set(tokens.flatMap((token) => [token, ...token.split('.')]))
  const words = commands.flat()
  expect(words.length).toBeGreaterThan(REQUESTS)
  expect(words.filter((word) => parts.has(word) || /eyJ[\w-]+\./.test(word))).toEqual([])
})

it('a token that is forged, expired or no token at all is not asked about', async () => {
  const refused = [
    issuer.wrongKey(),
    issuer.token({}, { kid: 'unknown' }),
    issuer.expired(),
    issuer.wrongAudience(),
    issuer.wrongIssuer(),
  ]
  const statuses: number[] = []
  const commands = await commandsDuring(redis.admin, async () => {
    const many = Array.from({ length: 20 }, () => ['no-token', ...refused]).flat()
    statuses.push(...(await Promise.all(many.map(get))))
  })
  expect(new Set(statuses)).toEqual(new Set([401]))
  expect(mgetsIn(commands)).toEqual([])
})
