import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { FetchError } from '../../../lib/net/fetch-error.js'
import { fetchJson, type FetchedJson, type JsonRequest } from '../../../lib/net/fetch/fetch-json.js'
import { serveDocuments, type DocumentServer } from '../../support/documents.js'
import { misbehave, REDIRECT_TARGET } from '../../../tools/faults.js'
import { networkOf } from '../../support/network.js'
import { SELF_SIGNED } from '../../../tools/self-signed.js'
import { running } from '../../../tools/server.js'

const PATH = '/document'
const GOOD = { good: true }
const MAX_BYTES = 1000

let server: DocumentServer
let url: URL

beforeEach(async () => {
  server = await serveDocuments()
  url = new URL(server.url + PATH)
})

afterEach(() => server.close())

function fetched(wanted?: JsonRequest, signal = AbortSignal.timeout(3000)): Promise<FetchedJson> {
  return fetchJson(url, { signal, maxBytes: MAX_BYTES, network: networkOf([url]) }, wanted)
}

async function failure(wanted?: JsonRequest, signal?: AbortSignal): Promise<FetchError> {
  const outcome = await fetched(wanted, signal).catch((error: unknown) => error as FetchError)
  if (!(outcome instanceof Error)) throw new Error('It was fetched')
  return outcome
}

function answering(answer: (res: ServerResponse, req: IncomingMessage) => unknown): void {
  server.documents = {
    [PATH]: (req: IncomingMessage, res: ServerResponse) => void answer(res, req),
  }
}

function answeringWith(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  answering((res) => void res.writeHead(200, headers).end(body))
}

/** JSON of exactly so many bytes. */
const jsonOf = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2))

describe('fetchJson: what it takes', () => {
  it('an object, with what its headers say of it', async () => {
    answeringWith('{"good":true}', { ETag: '"1"', 'Cache-Control': 'max-age=60' })
    expect(await fetched()).toEqual({
      modified: true,
      body: GOOD,
      etag: '"1"',
      maxAgeSeconds: 60,
    })
  })

  it('any JSON: the caller says what it must be', async () => {
    answeringWith(' [null]\n')
    expect(await fetched()).toEqual({
      modified: true,
      body: [null],
      etag: undefined,
      maxAgeSeconds: undefined,
    })
  })

  it.each([
    ['none', undefined, (text: string) => text],
    ['an empty one', '', (text: string) => text],
    ['identity', 'identity', (text: string) => text],
    ['gzip', 'gzip', gzipSync],
    ['GZIP', 'GZIP', gzipSync],
    ['x-gzip', 'x-gzip', gzipSync],
    ['deflate', 'deflate', deflateSync],
    ['br', 'br', brotliCompressSync],
  ])('the encoding %s, though it asked for none', async (_name, encoding, encode) => {
    answeringWith(
      encode(JSON.stringify(GOOD)),
      encoding === undefined ? {} : { 'Content-Encoding': encoding },
    )
    expect(await fetched()).toMatchObject({ body: GOOD })
  })

  it('a body of as many bytes as the cap, announced or not', async () => {
    answeringWith(jsonOf(MAX_BYTES), { 'Content-Length': String(MAX_BYTES) })
    expect(await fetched()).toMatchObject({ modified: true })
    answering((res) => void (res.write(jsonOf(MAX_BYTES)), res.end()))
    expect(await fetched()).toMatchObject({ modified: true })
    answeringWith(gzipSync(jsonOf(MAX_BYTES)), { 'Content-Encoding': 'gzip' })
    expect(await fetched()).toMatchObject({ modified: true })
  })

  it('a body in many pieces, cut within a character', async () => {
    const bytes = Buffer.from('{"name":"\u00E9\u{1F600}"}')
    answering(async (res) => {
      for (const byte of bytes) {
        res.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
      res.end()
    })
    expect(await fetched()).toMatchObject({ body: { name: '\u00E9\u{1F600}' } })
  })

  it('304 for what it holds, and how long that is fresh', async () => {
    answering((res, req) => {
      res.writeHead(req.headers['if-none-match'] === '"1"' ? 304 : 500, {
        'Cache-Control': 'max-age=60',
      })
      res.end()
    })
    expect(await fetched({ etag: '"1"' })).toEqual({ modified: false, maxAgeSeconds: 60 })
  })

  it('a new document in place of the one it holds', async () => {
    answeringWith('{"good":true}', { ETag: '"2"' })
    expect(await fetched({ etag: '"1"' })).toMatchObject({
      modified: true,
      body: GOOD,
      etag: '"2"',
    })
    answering((res) => void res.writeHead(500).end())
    expect(await failure({ etag: '"2"' })).toMatchObject({ status: 500 })
  })

  it('whatever content type there is, unless only JSON is wanted', async () => {
    answeringWith('{"good":true}', { 'Content-Type': 'text/plain' })
    expect(await fetched()).toMatchObject({ body: GOOD })
    expect(await fetched({ jsonTypeOnly: false })).toMatchObject({ body: GOOD })
    expect((await failure({ jsonTypeOnly: true })).message).toMatch(/not of type application\/json/)
    answeringWith('{"good":true}', { 'Content-Type': 'application/json' })
    expect(await fetched({ jsonTypeOnly: true })).toMatchObject({ body: GOOD })
  })
})

describe('fetchJson: what it refuses, naming the place', () => {
  it.each([
    ['one byte too many', jsonOf(MAX_BYTES + 1), {}],
    ['one byte too many, gzipped', gzipSync(jsonOf(MAX_BYTES + 1)), { 'Content-Encoding': 'gzip' }],
  ])('%s', async (_name, body, headers) => {
    answering((res) => {
      res.writeHead(200, headers)
      res.write(body)
      res.end()
    })
    expect((await failure()).message).toBe(`${url.href}: The answer is larger than 1000 bytes`)
  })

  it('a body announced as too large, before a byte of it came', async () => {
    answering((res) => {
      res.writeHead(200, { 'Content-Length': String(MAX_BYTES + 1) })
      res.flushHeaders()
    })
    expect((await failure()).message).toMatch(/larger than 1000 bytes/)
  })

  it('a body without end, whose connection it closes', async () => {
    let closed: Promise<unknown> | undefined
    answering((res) => {
      closed = once(res, 'close')
      misbehave('a body without end', res, { good: GOOD, wrong: GOOD })
    })
    expect((await failure()).message).toMatch(/larger than 1000 bytes/)
    await closed
  })

  it.each([
    ['a gzip bomb', /larger than 1000 bytes/],
    ['broken gzip', /could not be read \(Z_DATA_ERROR\)/],
    ['an unknown encoding', /unknown content encoding/],
    ['an HTML page', /is not JSON/],
    ['an empty body', /is not JSON/],
    ['bytes that are not UTF-8', /could not be read \(ERR_ENCODING_INVALID_ENCODED_DATA\)/],
    ['a truncated body', /could not be read \(ECONNRESET\)/],
    ['reset', /could not be read \(ECONNRESET\)/],
    ['a head of 100 kB', /could not be read \(HPE_HEADER_OVERFLOW\)/],
    ['something other than HTTP', /could not be read \(HPE_/],
    ['a switch of protocols', /The connection closed without an answer/],
    [
      'a redirect',
      /The answer is 302, to http.*: redirects are not followed, so give that address/,
    ],
    ['status 204', /The answer is 204/],
    ['status 404', /The answer is 404/],
  ])('%s', async (fault, message) => {
    answering((res) => misbehave(fault, res, { good: GOOD, wrong: GOOD }))
    const error = await failure()
    expect(error.name).toBe('FetchError')
    expect(error.message).toMatch(message)
    expect(error.message).toContain(url.href)
    expect(server.requests).not.toContain(`GET ${REDIRECT_TARGET}`)
  })

  it('a document nested too deeply, before it is parsed', async () => {
    answeringWith('['.repeat(65))
    expect((await failure()).message).toMatch(/nested too deeply/)
    answeringWith(`${'['.repeat(64)}${']'.repeat(64)}`)
    expect(await fetched()).toMatchObject({ modified: true })
  })

  it('gzip that breaks off', async () => {
    const bytes = gzipSync(JSON.stringify({ text: 'y'.repeat(500) }))
    answering((res) => {
      res.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': bytes.length })
      res.write(bytes.subarray(0, -8), () => res.socket?.destroy())
    })
    expect((await failure()).message).toMatch(/could not be read/)
  })

  it('a status of trouble, with when to come back', async () => {
    answering((res) => void res.writeHead(503, { 'Retry-After': '17' }).end())
    expect(await failure()).toMatchObject({ status: 503, retryAfterSeconds: 17 })
    answering((res) => void res.writeHead(500).end())
    expect(await failure()).toMatchObject({ status: 500, retryAfterSeconds: undefined })
  })

  it('a 304 that nobody asked for', async () => {
    answering((res) => void res.writeHead(304).end())
    expect(await failure()).toMatchObject({ status: 304 })
  })

  it('to quote the answer, which is whatever the peer wrote', async () => {
    answeringWith('{"secret": hunter2}')
    expect((await failure()).message).toBe(`${url.href}: The answer is not JSON`)
  })

  it('a peer that is not there', async () => {
    await server.close()
    expect((await failure()).message).toBe(`${url.href} could not be read (ECONNREFUSED)`)
    server = await serveDocuments()
  })

  it('a server for whose certificate nobody vouches (7515-17)', async () => {
    const impostor = await running(createTlsServer(SELF_SIGNED, (_req, res) => res.end('{}')))
    url = new URL(impostor.url.replace('http:', 'https:'))
    expect((await failure()).message).toMatch(/could not be read \(DEPTH_ZERO_SELF_SIGNED_CERT\)/)
    await impostor.close()
  })

  it('this machine, unless the app itself is configured so, before any connection (8725-20)', async () => {
    const network = networkOf('https://id.example.com')
    const limits = { signal: AbortSignal.timeout(3000), maxBytes: 1000, network }
    await expect(fetchJson(url, limits)).rejects.toThrow(/this machine/)
    expect(server.requests).toEqual([])
  })
})

describe('fetchJson: the deadline', () => {
  it('ends an exchange at any stage', async () => {
    for (const stage of ['silence', 'a head that drips', 'a body that drips']) {
      answering((res) => misbehave(stage, res, { good: GOOD, wrong: GOOD }))
      const error = await failure({}, AbortSignal.timeout(100))
      expect(error.message).toBe(`${url.href} did not answer in time`)
    }
  })

  it('that is over sends nothing', async () => {
    const error = await failure({}, AbortSignal.abort())
    expect(error.message).toBe(`${url.href} did not answer in time`)
    expect(server.requests).toEqual([])
  })
})
