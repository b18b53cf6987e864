import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { messageOf } from '../../../lib/core/values.js'
import type { Documents } from '../../../lib/keys/documents/documents.js'
import {
  createAppKeyFetcher,
  createKeyFetcher,
  type FetchedKeys,
  type KeyFetcher,
} from '../../../lib/keys/documents/key-fetcher.js'
import { FetchError } from '../../../lib/net/fetch-error.js'
import { createSigningKey } from '../../../tools/issuer.js'
import { settle } from '../../support/manual-timer.js'
import { ELSEWHERE } from '../../support/network.js'

const ISSUER = 'https://id.test'
const HOUR = 3_600_000
const DOWN = new FetchError('down', { status: 503 })

interface Request {
  readonly signal: AbortSignal
  answer(body: unknown): void
  fail(error: unknown): void
}

let jwk: object
let now: number
let requests: Map<string, Request>
let fetcher: KeyFetcher

beforeAll(async () => {
  ;({ jwk } = await createSigningKey('any', 'ES256'))
})

beforeEach(async () => {
  now = 0
  requests = new Map()
  const documents: Documents = {
    allowance: ELSEWHERE,
    mayBeKeys: false,
    fetch: ({ pathname }, signal) =>
      new Promise((resolve, reject) => {
        requests.set(pathname, {
          signal,
          answer: (body) => resolve({ modified: true, body, etag: undefined, maxAgeSeconds: undefined }), // prettier-ignore
          fail: reject,
        })
      }),
  }
  const target = { discoveryUrls: [new URL(`${ISSUER}/about`)], issuers: [ISSUER], allowTemplate: false } // prettier-ignore
  fetcher = createKeyFetcher(target, documents, () => now)
  begin()
  await answer('/about', about('/keys'))
  await answer('/keys', keys('first'))
  now = HOUR
})

const about = (path: string): object => ({ issuer: ISSUER, jwks_uri: ISSUER + path })
const keys = (kid: string): object => ({ keys: [{ ...jwk, kid }] })

async function answer(path: string, body: unknown): Promise<void> {
  requests.get(path)!.answer(body)
  await settle()
}

async function fail(path: string, error: unknown = DOWN): Promise<void> {
  requests.get(path)!.fail(error)
  await settle()
}

let fetched: FetchedKeys | undefined
/** Begins to fetch: what it has come to, the `kid` of the key or what it fails with. */
function begin(): () => Promise<string> {
  let outcome = 'waiting'
  fetched = undefined
  fetcher.fetch(new AbortController().signal).then(
    (found) => {
      fetched = found
      outcome = found.set.keys[0]!.keyId!
    },
    (error: unknown) => (outcome = messageOf(error)),
  )
  return async () => {
    await settle()
    return outcome
  }
}

describe('a place that is asked beside the metadata', () => {
  it('counts at once, and the answer of the metadata is awaited by whoever needs it', async () => {
    const fetching = begin()
    await answer('/keys', keys('second'))
    expect(await fetching()).toBe('second')
    await answer('/about', about('/keys'))
    expect(await fetched?.place).toBe('same')
  })

  it('leaves nothing open where the metadata answered first', async () => {
    const fetching = begin()
    await answer('/about', about('/keys'))
    expect(await fetching()).toBe('waiting')
    await answer('/keys', keys('second'))
    expect([await fetching(), fetched]).toEqual(['second', expect.not.objectContaining({ place: expect.anything() as unknown })]) // prettier-ignore
  })

  it('is left at once where they name another, though it is silent', async () => {
    const fetching = begin()
    await answer('/about', about('/moved'))
    expect(requests.get('/keys')!.signal.aborted).toBe(true)
    await answer('/moved', keys('second'))
    expect(await fetching()).toBe('second')
  })

  it('is no outage where it fails and they name another later', async () => {
    const fetching = begin()
    await fail('/keys')
    expect(await fetching()).toBe('waiting')
    await answer('/about', about('/moved'))
    await answer('/moved', keys('second'))
    expect(await fetching()).toBe('second')
  })

  it.each([
    ['name it again', () => answer('/about', about('/keys'))],
    ['fail too', () => fail('/about')],
  ])('is an outage where it fails and they %s', async (_what, metadata) => {
    const fetching = begin()
    await fail('/keys')
    await metadata()
    expect(await fetching()).toBe('down')
  })

  it('is asked until the deadline and no longer', async () => {
    const aborting = new AbortController()
    void fetcher.fetch(aborting.signal).catch(() => undefined)
    aborting.abort()
    expect(requests.get('/keys')!.signal.aborted).toBe(true)
    await fail('/keys')
  })
})

describe('keys that a function of the app returns', () => {
  const never = new AbortController().signal

  it('are asked for each time, within the bounds of a fetch, and are one set while they are the same', async () => {
    const asked: unknown[] = []
    let kid = 'a'
    const app = createAppKeyFetcher((request) => (asked.push(request), keys(kid)), 1000)
    const first = await app.fetch(never)
    expect(first.set.keys[0]!.keyId).toBe('a')
    expect(first.maxAgeSeconds).toBeUndefined()
    expect((await app.fetch(never)).set).toBe(first.set)
    kid = 'b'
    expect((await app.fetch(never)).set).toMatchObject({ generation: 2 })
    expect(asked).toEqual(Array.from({ length: 3 }, () => ({ signal: never, maxBytes: 1000 })))
  })

  it.each<[string, () => unknown, string]>([
    ['fails', () => Promise.reject(new Error('no')), 'jwks() failed: no'],
    ['returns nothing', () => undefined, 'jwks() returned no document'],
    ['returns too much', () => 'x'.repeat(1001), 'jwks(): The answer is larger than 1000 bytes'],
    ['returns no keys', () => ({}), 'The JWKS is not an object with an array "keys"'],
  ])('are an outage where it %s, and the log says whose', async (_what, jwks, message) => {
    const fetching = createAppKeyFetcher(jwks, 1000).fetch(never)
    await expect(fetching).rejects.toMatchObject({ name: 'FetchError', message })
  })
})
