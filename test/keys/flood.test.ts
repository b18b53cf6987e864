import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { startApi, type TestApi } from '../support/api.js'
import { startHostileIssuer, type HostileIssuer } from '../support/hostile-issuer.js'
import { pipelined } from '../support/pipelined.js'

jest.setTimeout(60_000)

const CONNECTIONS = 20
const KIDS_EACH = 500

let issuer: HostileIssuer
let api: TestApi

beforeEach(async () => {
  issuer = await startHostileIssuer()
  api = await startApi(issuer)
  await api.guard.ready()
})

afterEach(async () => {
  await api.close()
  await issuer.close()
})

/** A token as plausible as can be without the issuer's key: all but its `kid` and signature are right. */
function forge(template: string, kid: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', kid, typ: 'at+jwt' }))
  const [, payload] = template.split('.')
  const signature = Buffer.alloc(64, 7).toString('base64url')
  return `${header.toString('base64url')}.${payload}.${signature}`
}

/** Floods the API with kids that nobody has, and returns how its answers were distributed. */
async function flood(): Promise<ReadonlyMap<number, number>> {
  const template = await issuer.token()
  const batches = Array.from({ length: CONNECTIONS }, (_, connection) =>
    Array.from({ length: KIDS_EACH }, (__, index) => forge(template, `${connection}-${index}`)),
  )
  const total = new Map<number, number>()
  for (const counts of await Promise.all(batches.map((tokens) => pipelined(api.port, tokens)))) {
    for (const [status, count] of counts) total.set(status, (total.get(status) ?? 0) + count)
  }
  return total
}

/** Sends known tokens until `running` is over: each must pass. */
async function knownTokensPass(running: Promise<unknown>): Promise<void> {
  const flooding = { over: false }
  void running.finally(() => (flooding.over = true))
  do {
    expect((await api.get(await issuer.token())).status).toBe(200)
  } while (!flooding.over)
}

describe('requireBearer under a flood of 10,000 unknown kids', () => {
  it('answers each with 401, fetches within its budget, and lets known keys pass (7517-09)', async () => {
    const began = performance.now()
    const flooding = flood()
    const [answers] = await Promise.all([flooding, knownTokensPass(flooding)])
    expect(answers).toEqual(new Map([[401, CONNECTIONS * KIDS_EACH]]))
    const earned = Math.ceil((performance.now() - began) / 30_000)
    expect(issuer.jwks.requests.length).toBeLessThanOrEqual(1 + 5 + earned)
    expect(issuer.metadata.requests).toHaveLength(1)
  })

  it('answers each with 503 while the issuer is down, and lets known keys pass', async () => {
    await issuer.jwks.misbehave('reset')
    const began = performance.now()
    const flooding = flood()
    const [answers] = await Promise.all([flooding, knownTokensPass(flooding)])
    expect(answers).toEqual(new Map([[503, CONNECTIONS * KIDS_EACH]]))
    const retried = Math.ceil((performance.now() - began) / 500)
    expect(issuer.jwks.requests.length).toBeLessThanOrEqual(1 + 5 + retried)
  })
})
