import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { IssuerOptions } from '../../../lib/index.js'
import { createSigningKey, startIssuer, type TestIssuer } from '../../../tools/issuer.js'
import { until } from '../../../tools/until.js'
import { frozenStreams } from '../../support/frozen-streams.js'
import type { StreamingApi } from '../../support/open-streams.js'

const frozen = frozenStreams()
let neighbour: TestIssuer
let tenants: Map<string, () => IssuerOptions | undefined>

beforeAll(async () => {
  neighbour = await startIssuer({ clock: frozen.clock })
})
afterAll(() => neighbour.close())
beforeEach(() => {
  tenants = new Map(
    [frozen.issuer, neighbour].map(({ url, audience }) => [
      url,
      (): IssuerOptions => ({ issuer: url, audience }),
    ]),
  )
})

/** One issuer is kept, so that each pushes the other out. */
function start(options: { maxIssuers?: number; ttlSeconds?: number } = {}): Promise<StreamingApi> {
  return frozen.start([], {
    issuers: {
      allow: (issuer) => tenants.has(issuer),
      resolve: async (issuer) => tenants.get(issuer)!(),
      maxIssuers: 1,
      ...options,
    },
  })
}

async function visit(api: StreamingApi): Promise<void> {
  const visitor = await api.open({ iss: neighbour.url, aud: neighbour.audience }, neighbour.key)
  await visitor.leave()
  expect(held(api)).toEqual([neighbour.url])
}

const held = (api: StreamingApi): readonly string[] =>
  api.guard.status().map(({ issuer }) => issuer)

/** Looks of the wheel, and time for what they ask of real servers. */
async function pass(api: StreamingApi, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 2) {
    await frozen.pass(api, 2)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

describe('the stream of a tenant whose issuer was pushed out by others', () => {
  it('goes on: the issuer is taken in again, and the token judged anew', async () => {
    const api = await start()
    const stream = await api.open()
    await visit(api)
    await pass(api, 60)
    expect(stream.signal.aborted).toBe(false)
    expect(held(api)).toEqual([frozen.issuer.url])
  })

  it('goes on in an outage of its keys for no more than 30 seconds', async () => {
    const api = await start()
    const stream = await api.open()
    await visit(api)
    frozen.issuer.keys = []
    await pass(api, 26)
    expect(stream.signal.aborted).toBe(false)
    await pass(api, 12)
    expect(stream.reason()).toMatchObject({ status: 503, reason: 'keys_unavailable' })
  })

  it('ends where its key was withdrawn meanwhile', async () => {
    const api = await start()
    const stream = await api.open()
    await visit(api)
    frozen.issuer.keys = [(await createSigningKey('key-2')).jwk]
    await pass(api, 8)
    expect(stream.reason()).toMatchObject({ status: 401, reason: 'unknown_key' })
  })

  it('ends where there is no such tenant any more', async () => {
    const api = await start()
    const stream = await api.open()
    await visit(api)
    tenants.set(frozen.issuer.url, () => undefined)
    await pass(api, 8)
    expect(stream.reason()).toMatchObject({ status: 401, reason: 'unknown_issuer' })
  })

  it('ends where the new rules do not take its token', async () => {
    const api = await start()
    const stream = await api.open()
    await visit(api)
    tenants.set(frozen.issuer.url, () => ({ issuer: frozen.issuer.url, audience: 'another' }))
    await pass(api, 8)
    expect(stream.reason()).toMatchObject({ status: 401, reason: 'wrong_audience' })
  })

  it('goes on in an outage of resolve() for no more than 30 seconds', async () => {
    const api = await start()
    const stream = await api.open()
    await visit(api)
    tenants.set(frozen.issuer.url, () => {
      throw new Error('database down')
    })
    await pass(api, 26)
    expect(stream.signal.aborted).toBe(false)
    await pass(api, 12)
    expect(stream.reason()).toMatchObject({ status: 503, reason: 'issuer_unresolved' })
  })

  it('ends as an outage once the guard was closed, and nothing is resolved for it', async () => {
    const api = await start()
    const stream = await api.open()
    await visit(api)
    api.guard.close()
    await pass(api, 38)
    expect(stream.reason()).toMatchObject({ status: 503, reason: 'issuer_unresolved' })
    expect(held(api)).toEqual([neighbour.url])
  })
})

describe('the stream of a tenant whose rules change', () => {
  it('ends once their answer is asked for again', async () => {
    const api = await start({ ttlSeconds: 1 })
    const stream = await api.open()
    tenants.set(frozen.issuer.url, () => ({ issuer: frozen.issuer.url, audience: 'another' }))
    await until(async () => {
      await pass(api, 2)
      expect(stream.signal.aborted).toBe(true)
    })
    expect(stream.reason()).toMatchObject({ status: 401, reason: 'wrong_audience' })
  })

  it('goes on where they change in something else, and where the answer is the same', async () => {
    const api = await start({ ttlSeconds: 1 })
    const stream = await api.open()
    const { url, audience } = frozen.issuer
    let asked = 0
    tenants.set(url, () => {
      asked += 1
      return { issuer: url, audience: asked === 1 ? [audience, 'another'] : audience }
    })
    await until(async () => {
      await pass(api, 2)
      expect(asked).toBeGreaterThan(2)
    })
    await pass(api, 40)
    expect(stream.signal.aborted).toBe(false)
  })
})
