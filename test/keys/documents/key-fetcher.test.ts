import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JWK } from 'jose'
import {
  createKeyFetcher,
  type FetchedKeys,
  type KeyFetcher,
  type KeyLocation,
} from '../../../lib/keys/documents/key-fetcher.js'
import { documentsBy } from '../../../lib/keys/documents/documents.js'
import { networkOf } from '../../support/network.js'
import { serveDocuments, type DocumentServer } from '../../support/documents.js'
import { USER_AGENT } from '../../../lib/net/user-agent.js'
import { createSigningKey } from '../../../tools/issuer.js'
import { HOUR, MINUTE } from '../../support/managed-keys.js'

const METADATA = '/metadata'
const JWKS = '/jwks'

let jwk: JWK
let server: DocumentServer
let now: number
let fetcher: KeyFetcher

beforeAll(async () => {
  jwk = (await createSigningKey('a', 'ES256')).jwk
})

beforeEach(async () => {
  server = await serveDocuments()
  server.documents = { [METADATA]: metadata(JWKS), [JWKS]: jwks('a') }
  now = 0
  fetcher = fetcherOf({
    discoveryUrls: [new URL(server.url + METADATA)],
    issuers: [server.url],
    allowTemplate: false,
  })
})

afterEach(() => server.close())

function fetcherOf(location: KeyLocation): KeyFetcher {
  const configured = 'jwksUri' in location ? [location.jwksUri] : location.discoveryUrls
  return createKeyFetcher(location, documentsBy(networkOf(configured), 65_536), () => now)
}

function fetchKeys(timeoutMs = 3000): Promise<FetchedKeys> {
  return fetcher.fetch(AbortSignal.timeout(timeoutMs))
}

function metadata(jwksPath: string): object {
  return { issuer: server.url, jwks_uri: server.url + jwksPath }
}

function jwks(...keyIds: readonly string[]): { readonly keys: readonly JWK[] } {
  return { keys: keyIds.map((kid) => ({ ...jwk, kid })) }
}

/** Requests since the last time this was asked. */
function asked(): readonly string[] {
  return server.requests.splice(0).map((request) => request.replace('GET ', ''))
}

const silence = (): void => undefined

function answering(status: number, headers: Readonly<Record<string, string>> = {}) {
  return (_req: IncomingMessage, res: ServerResponse): void =>
    void res.writeHead(status, headers).end()
}

/** Metadata that come when the test says so. */
function answeringLater(body: object): { answer(): void } {
  const late: { answer(): void } = { answer: () => undefined }
  server.documents = {
    ...server.documents,
    [METADATA]: (_req: IncomingMessage, res: ServerResponse) => {
      late.answer = () =>
        void res.setHeader('Content-Type', 'application/json').end(JSON.stringify(body))
    },
  }
  return { answer: () => late.answer() }
}

/** A document with headers of its own, which honours `If-None-Match`. */
function withHeaders(body: object, headers: Readonly<Record<string, string>>) {
  return (req: IncomingMessage, res: ServerResponse): void => {
    const known = headers['ETag'] !== undefined && req.headers['if-none-match'] === headers['ETag']
    res.writeHead(known ? 304 : 200, { 'Content-Type': 'application/json', ...headers })
    res.end(known ? undefined : JSON.stringify(body))
  }
}

describe('createKeyFetcher: metadata', () => {
  it('is asked once an hour, the keys each time (DISC-06)', async () => {
    await fetchKeys()
    expect(asked()).toEqual([METADATA, JWKS])
    now = HOUR - 1
    await fetchKeys()
    expect(asked()).toEqual([JWKS])
    now = HOUR
    await fetchKeys()
    expect(asked()).toEqual([METADATA, JWKS])
  })

  it.each([
    ['within bounds', 'max-age=1800', 30 * MINUTE],
    ['not below 5 minutes', 'no-store', 5 * MINUTE],
    ['not above a day', 'max-age=9999999', 24 * HOUR],
  ])('lives as long as Cache-Control says: %s (DISC-06)', async (_name, cacheControl, lifetime) => {
    const document = withHeaders(metadata(JWKS), { 'Cache-Control': cacheControl })
    server.documents = { ...server.documents, [METADATA]: document }
    await fetchKeys()
    now = lifetime - 1
    asked()
    await fetchKeys()
    expect(asked()).toEqual([JWKS])
    now = lifetime
    await fetchKeys()
    expect(asked()).toEqual([METADATA, JWKS])
  })

  it('is used on while asking for it again fails (DISC-06)', async () => {
    await fetchKeys()
    server.documents = { ...server.documents, [METADATA]: answering(500) }
    now = HOUR
    asked()
    expect((await fetchKeys()).set.keys).toHaveLength(1)
    expect(asked()).toEqual([METADATA, JWKS])
    now += 5 * MINUTE - 1
    await fetchKeys()
    expect(asked()).toEqual([JWKS])
    now += 1
    await fetchKeys()
    expect(asked()).toEqual([METADATA, JWKS])
  })

  it('is asked again at once where the first attempt failed', async () => {
    const { documents } = server
    server.documents = { [METADATA]: answering(500) }
    await expect(fetchKeys()).rejects.toMatchObject({ name: 'FetchError', status: 500 })
    server.documents = documents
    expect((await fetchKeys()).set.keys).toHaveLength(1)
    expect(asked()).toEqual([METADATA, METADATA, JWKS])
  })

  it('is used on where both it and the keys fail', async () => {
    const { documents } = server
    await fetchKeys()
    server.documents = { [METADATA]: answering(500), [JWKS]: answering(404) }
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(fetchKeys()).rejects.toMatchObject({ name: 'FetchError', status: 404 })
    }
    server.documents = { ...documents, [METADATA]: answering(500) }
    expect((await fetchKeys()).set.keys).toHaveLength(1)
  })

  it('that does not answer costs nothing: the place known from before is used meanwhile', async () => {
    await fetchKeys()
    server.documents = { ...server.documents, [METADATA]: silence }
    now = HOUR
    const { set, place } = await fetchKeys(100)
    expect(set.keys).toHaveLength(1)
    expect(await place).toBe('silent')
    expect((await fetchKeys()).place).toBeUndefined()
  })

  it('that answers late with the same place confirms the keys', async () => {
    await fetchKeys()
    const late = answeringLater(metadata(JWKS))
    now = HOUR
    const { place } = await fetchKeys()
    late.answer()
    expect(await place).toBe('same')
  })

  it('that answers late with another place has its keys fetched by the next refresh', async () => {
    await fetchKeys()
    const late = answeringLater(metadata('/moved'))
    server.documents = { ...server.documents, '/moved': jwks('b') }
    now = HOUR
    const { set, place } = await fetchKeys()
    expect(set.keys[0]!.keyId).toBe('a')
    late.answer()
    expect(await place).toBe('moved')
    expect((await fetchKeys()).set.keys[0]!.keyId).toBe('b')
  })

  it('that names another place while the known one is silent leads there at once', async () => {
    await fetchKeys()
    server.documents = { [METADATA]: metadata('/moved'), '/moved': jwks('b'), [JWKS]: silence }
    now = HOUR
    const { set, place } = await fetchKeys()
    expect([set.keys[0]!.keyId, place]).toEqual(['b', undefined])
  })

  it('is asked once at a time, however many refreshes wait for its answer', async () => {
    await fetchKeys()
    const late = answeringLater(metadata(JWKS))
    now = HOUR
    asked()
    const first = await fetchKeys()
    const second = await fetchKeys()
    expect(asked().toSorted()).toEqual([JWKS, JWKS, METADATA])
    late.answer()
    expect([await first.place, await second.place]).toEqual(['same', 'same'])
  })

  it('of another issuer changes nothing that is known', async () => {
    await fetchKeys()
    const hijacked = { issuer: 'https://evil.test', jwks_uri: `${server.url}/evil` }
    server.documents = { ...server.documents, [METADATA]: hijacked, '/evil': jwks('evil') }
    now = HOUR
    const { set } = await fetchKeys()
    expect(set.keys.map((key) => key.keyId)).toEqual(['a'])
  })

  it('is asked again once the keys are no longer where it said', async () => {
    await fetchKeys()
    server.documents = { [METADATA]: metadata('/moved'), '/moved': jwks('b') }
    asked()
    await expect(fetchKeys()).rejects.toThrow(/404/)
    expect((await fetchKeys()).set.keys[0]!.keyId).toBe('b')
    expect(asked().toSorted()).toEqual([JWKS, JWKS, METADATA, '/moved'])
  })

  it('cannot point at this machine unless the app did (8725-20)', async () => {
    fetcher = fetcherOf({ jwksUri: new URL('https://localhost.:1/jwks') })
    // Where no resolver knows that name, there is nothing to refuse.
    await expect(fetchKeys()).rejects.toThrow(/this machine|ENOTFOUND|EAI_AGAIN/)
    expect(asked()).toEqual([])
  })

  it('may be on this machine only where the app named no other (8725-20)', async () => {
    const discoveryUrls = [new URL(server.url + METADATA), new URL('https://169.254.0.1/')]
    fetcher = fetcherOf({ discoveryUrls, issuers: [server.url], allowTemplate: false })
    await expect(fetchKeys()).rejects.toThrow(/this machine/)
    expect(asked()).toEqual([])
  })
})

describe('createKeyFetcher: keys', () => {
  it('asks with the ETag it holds, and takes 304 for "the same"', async () => {
    server.documents = { ...server.documents, [JWKS]: withHeaders(jwks('a'), { ETag: '"1"' }) }
    const first = await fetchKeys()
    const second = await fetchKeys()
    expect(server.headers.map((headers) => headers['if-none-match'])).toEqual([
      undefined,
      undefined,
      '"1"',
    ])
    expect(second.set).toBe(first.set)
  })

  it('sends no ETag to another place', async () => {
    server.documents = { ...server.documents, [JWKS]: withHeaders(jwks('a'), { ETag: '"1"' }) }
    await fetchKeys()
    const moved = withHeaders(jwks('b'), { ETag: '"1"' })
    server.documents = { [METADATA]: metadata('/moved'), '/moved': moved }
    now = HOUR
    expect((await fetchKeys()).set.keys[0]!.keyId).toBe('b')
  })

  it('refuses a 304 that nobody asked for', async () => {
    server.documents = { ...server.documents, [JWKS]: answering(304) }
    await expect(fetchKeys()).rejects.toThrow(/answer is 304/)
  })

  it('keeps what it holds when an answer is bad, and names the place and the fault', async () => {
    const { set } = await fetchKeys()
    server.documents = { ...server.documents, [JWKS]: { keys: [] } }
    await expect(fetchKeys()).rejects.toThrow(`${server.url}${JWKS}: The JWKS has no usable`)
    server.documents = { ...server.documents, [JWKS]: jwks('a') }
    expect((await fetchKeys()).set).toBe(set)
  })

  it('takes whatever content type a static file server gives a JWKS', async () => {
    const document = withHeaders(jwks('a'), { 'Content-Type': 'application/octet-stream' })
    server.documents = { ...server.documents, [JWKS]: document }
    expect((await fetchKeys()).set.keys).toHaveLength(1)
  })

  it('says when the issuer asked to be left alone until', async () => {
    const busy = answering(429, { 'Retry-After': '17' })
    server.documents = { ...server.documents, [JWKS]: busy }
    await expect(fetchKeys()).rejects.toMatchObject({ status: 429, retryAfterSeconds: 17 })
  })

  it.each([
    ['max-age=300', '300', undefined],
    ['max-age=300, and 100 s spent in a cache', '300', '100'],
    ['max-age=100, and longer than that in a cache', '100', '200'],
  ])('tells how long they are fresh: %s', async (_name, maxAge, age) => {
    const headers = { 'Cache-Control': `public, max-age=${maxAge}`, ...(age && { Age: age }) }
    server.documents = { ...server.documents, [JWKS]: withHeaders(jwks('a'), headers) }
    const { maxAgeSeconds } = await fetchKeys()
    expect(maxAgeSeconds).toBe(Math.max(0, Number(maxAge) - Number(age ?? 0)))
  })

  it('sends nothing but what a GET for JSON needs, on a connection of its own', async () => {
    await fetchKeys()
    expect(server.headers[1]).toEqual({
      accept: 'application/json, application/jwk-set+json',
      'accept-encoding': 'identity',
      connection: 'close',
      host: new URL(server.url).host,
      'user-agent': USER_AGENT,
    })
  })
})
