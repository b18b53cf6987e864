import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { startApi, type TestApi } from '../../../tools/api.js'
import { startHostileIssuer, type HostileIssuer } from '../../../tools/hostile-issuer.js'
import { sendJson, startIssuer } from '../../../tools/issuer.js'
import { pipelined } from '../../support/pipelined.js'
import { until } from '../../../tools/until.js'

jest.setTimeout(60_000)

const CONNECTIONS = 20
const KIDS_EACH = 500
const ALL = CONNECTIONS * KIDS_EACH

/**
 * Enough for a machine that is slow to take in 10,000 requests: client, API and issuer are one process
 * here, so the issuer answers only between them.
 */
const PATIENT = { keyCache: { timeoutMs: 30_000 } }

let issuer: HostileIssuer
let api: TestApi

beforeEach(async () => {
  issuer = await startHostileIssuer()
  api = await startApi(issuer, PATIENT)
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

/** Floods an API with kids that nobody has, and returns how its answers were distributed. */
async function flood(
  { port }: TestApi = api,
  from: { token(): Promise<string> } = issuer,
): Promise<ReadonlyMap<number, number>> {
  const template = await from.token()
  const batches = Array.from({ length: CONNECTIONS }, (_, connection) =>
    Array.from({ length: KIDS_EACH }, (__, index) => forge(template, `${connection}-${index}`)),
  )
  const total = new Map<number, number>()
  for (const counts of await Promise.all(batches.map((tokens) => pipelined(port, tokens)))) {
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

/** Counts the requests that servers of this process have taken in for `/r`. */
function countRequests(): { count(): number; stop(): void } {
  let requests = 0
  function onStart(message: unknown): void {
    const { request } = message as { readonly request: IncomingMessage }
    if (request.url === '/r') requests += 1
  }
  subscribe('http.server.request.start', onStart)
  return {
    count: () => requests,
    stop: () => void unsubscribe('http.server.request.start', onStart),
  }
}

describe('requireBearer under a flood of 10,000 unknown kids', () => {
  it('answers each with 401, or 503 once its budget is spent, and lets known keys pass (7517-09)', async () => {
    const began = performance.now()
    const flooding = flood()
    const [answers] = await Promise.all([flooding, knownTokensPass(flooding)])
    // While the budget lasts a refetch proves each kid unknown; after that only one more could.
    expect([...answers.keys()].filter((status) => status !== 401 && status !== 503)).toEqual([])
    expect([...answers.values()].reduce((sum, count) => sum + count)).toBe(ALL)
    const earned = Math.ceil((performance.now() - began) / 30_000)
    expect(issuer.jwks.requests.length).toBeLessThanOrEqual(1 + 5 + earned)
    // Both well-known forms, once.
    expect(issuer.metadata.requests).toHaveLength(2)
  })

  it('answers each at once where the budget is spent: nobody waits for an issuer that is silent', async () => {
    for (let count = 0; count < 5; count += 1)
      await api.get(forge(await issuer.token(), `${count}`))
    expect(issuer.jwks.attempts).toHaveLength(1 + 5)
    await issuer.jwks.misbehave('silence')
    const flooding = flood()
    const [answers] = await Promise.all([flooding, knownTokensPass(flooding)])
    expect(answers).toEqual(new Map([[503, ALL]]))
    expect(issuer.jwks.attempts).toHaveLength(1 + 5)
  })

  it('lets known keys pass while all of them wait for one fetch, and answers each with 401 after it', async () => {
    const slow = await startIssuer({ alg: 'ES256' })
    const held: ServerResponse[] = []
    const waiting = await startApi(slow, PATIENT)
    await waiting.guard.ready()
    slow.intercept = (req, res) => req.url === '/jwks' && held.push(res) > 0
    const arrived = countRequests()
    const answers = flood(waiting, slow)
    await until(() => expect(arrived.count()).toBe(ALL), 30_000)

    const first = await Promise.race([answers, Promise.resolve('all of them wait')])
    expect(first).toBe('all of them wait')
    for (let count = 0; count < 20; count += 1) {
      expect((await waiting.get(await slow.token())).status).toBe(200)
    }
    expect(held).toHaveLength(1)
    slow.intercept = undefined
    sendJson(held[0]!, { keys: slow.keys })
    expect(await answers).toEqual(new Map([[401, ALL]]))
    // A request that came after the fetch had begun may not take it for proof, so there is one more, for all.
    expect(slow.requests.filter((path) => path === '/jwks')).toHaveLength(1 + 2)
    arrived.stop()
    await waiting.close()
    await slow.close()
  })

  it('answers each with 503 while the issuer is down, and lets known keys pass', async () => {
    await issuer.jwks.misbehave('reset')
    const began = performance.now()
    const flooding = flood()
    const [answers] = await Promise.all([flooding, knownTokensPass(flooding)])
    expect(answers).toEqual(new Map([[503, ALL]]))
    const retried = Math.ceil((performance.now() - began) / 500)
    expect(issuer.jwks.requests.length).toBeLessThanOrEqual(1 + 5 + retried)
  })
})
