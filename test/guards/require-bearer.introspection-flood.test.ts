import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { sendJson } from '../../tools/issuer.js'
import type { RunningServer } from '../../tools/server.js'
import { get, startIntrospected, type Introspected } from '../support/introspected.js'

let scene: Introspected

beforeAll(async () => {
  scene = await startIntrospected()
})
beforeEach(() => scene.reset())
// Calls of one flood must not be counted in the next.
afterEach(() => scene.closeApis())
afterAll(() => scene.close())

/** Statuses of so many invented tokens, some hundreds of them at once. */
async function flood(api: RunningServer, count: number): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {}
  let next = 0
  async function sender(): Promise<void> {
    while (next < count) {
      next += 1
      const authorization = `Bearer invented-${next}`
      const { status, body } = await fetch(api.url, { headers: { authorization } })
      await body?.cancel()
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: 500 }, sender))
  return statuses
}

describe('a flood of invented tokens', () => {
  it('costs the issuer a bounded number of calls (7662-19)', async () => {
    const api = await scene.startApi()
    const began = performance.now()
    const statuses = await flood(api, 3000)
    const seconds = (performance.now() - began) / 1000
    // 100 at once and 20 a second after that.
    expect(scene.issuer.calls.length).toBeLessThanOrEqual(105 + 20 * seconds)
    expect(Object.keys(statuses).toSorted()).toEqual(['401', '503'])
    // Fewer where this machine is slow: an answer that came too late is 503.
    expect(statuses[401]).toBeLessThanOrEqual(scene.issuer.calls.length)
    // Not of the last one: where this machine is slow, calls time out, and that is told for a while.
    const refused = scene.events.filter((event) => event.name === 'request.refused')
    expect(refused.map(({ reason }) => reason)).toContain('introspection_over_budget')
  }, 60_000)

  it('costs no more while the endpoint fails at most of them', async () => {
    const api = await scene.startApi()
    scene.issuer.respond = (_call, res) => {
      // Not thrice in a row, by which calls would end.
      if (scene.issuer.calls.length % 3 === 0) sendJson(res, { active: false })
      else res.writeHead(500).end()
    }
    const began = performance.now()
    await flood(api, 1000)
    const seconds = (performance.now() - began) / 1000
    expect(scene.issuer.calls.length).toBeLessThanOrEqual(105 + 20 * seconds)
  }, 60_000)

  it('keeps nobody out whose token the issuer knew a moment ago', async () => {
    const api = await scene.startApi({ cacheSeconds: 0 })
    const token = scene.issuer.opaque()
    await get(api, token).expect(200)
    const flooding = flood(api, 3000)
    for (let turn = 0; turn < 10; turn += 1) await get(api, token).expect(200)
    await flooding
    expect(scene.issuer.calls.length).toBeGreaterThan(100)
  }, 60_000)

  it('is cut off for tokens that no issuer makes, at no cost', async () => {
    const api = await scene.startApi()
    await get(api, 'x'.repeat(8193)).expect(400)
    expect(scene.lastReason()).toBe('token_too_large')
    await get(api, 'a.b(.c').expect(400)
    expect(scene.issuer.calls).toHaveLength(0)
  })

  it('of active tokens costs none of the budget', async () => {
    const api = await scene.startApi()
    const tokens = Array.from({ length: 300 }, () => scene.issuer.opaque())
    const answers = await Promise.all(tokens.map((token) => get(api, token)))
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([200])
  })
})
