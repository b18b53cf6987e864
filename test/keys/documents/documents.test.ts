import { describe, expect, it } from '@jest/globals'
import { askApp, documentsBy, documentsByApp } from '../../../lib/keys/documents/documents.js'
import { serveDocuments } from '../../support/documents.js'
import { ELSEWHERE, networkOf } from '../../support/network.js'

const URL_OF_KEYS = new URL('https://id.test/jwks')
const MAX_BYTES = 20

const never = new AbortController().signal

function asked(call: () => unknown, signal = never): Promise<unknown> {
  return askApp('fetchKeys()', call, { signal, maxBytes: MAX_BYTES })
}

describe('askApp', () => {
  it.each<[string, unknown]>([
    ['a value', { keys: [] }],
    ['text', '{"keys":[]}'],
    ['a promise of either', Promise.resolve('{"keys":[]}')],
  ])('takes %s for a document', async (_name, answer) => {
    expect(await asked(() => answer)).toEqual({ keys: [] })
  })

  it('reads a value once, so that nothing changes behind validation', async () => {
    const answer = { keys: ['a'] }
    const document = asked(() => answer)
    const read = await document
    answer.keys.push('b')
    expect(read).toEqual({ keys: ['a'] })
  })

  it.each<[string, () => unknown, string]>([
    ['nothing', () => undefined, 'fetchKeys() returned no document'],
    ['a function', () => () => true, 'fetchKeys() returned no document'],
    ['a number too long for JSON', () => 1n, 'fetchKeys() failed: '],
    ['an error', () => Promise.reject(new Error('down')), 'fetchKeys() failed: down'],
    [
      'an error at once',
      () => {
        throw new Error('down')
      },
      'fetchKeys() failed: down',
    ],
    ['no JSON', () => 'keys', 'JSON'],
  ])('fails for %s', async (_name, call, message) => {
    const failing = asked(call)
    await expect(failing).rejects.toMatchObject({ name: 'FetchError' })
    await expect(failing).rejects.toThrow(message)
  })

  it('counts bytes, and not characters', async () => {
    const text = JSON.stringify('\u00E9'.repeat(9))
    expect(await asked(() => text)).toBe('\u00E9'.repeat(9))
    await expect(asked(() => `${text} `)).rejects.toThrow(
      'fetchKeys(): The answer is larger than 20 bytes',
    )
  })

  it('ends at the deadline, whatever the app does', async () => {
    const aborting = new AbortController()
    const failing = asked(() => new Promise(() => undefined), aborting.signal)
    aborting.abort()
    await expect(failing).rejects.toThrow('fetchKeys() did not answer in time')
  })

  it('says that the deadline is over where the app complains of just that', async () => {
    const aborting = new AbortController()
    const failing = asked(() => {
      aborting.abort()
      throw new Error('aborted')
    }, aborting.signal)
    await expect(failing).rejects.toThrow('fetchKeys() did not answer in time')
  })
})

describe('documentsByApp', () => {
  it('asks the app for each document, within the bounds of the network', async () => {
    const asks: unknown[] = []
    const fetchKeys = (url: URL, request: object): unknown => {
      asks.push([url.href, request])
      return { keys: [] }
    }
    const documents = documentsByApp(fetchKeys, ELSEWHERE, MAX_BYTES)
    expect([documents.allowance, documents.mayBeKeys]).toEqual([ELSEWHERE, true])
    expect(await documents.fetch(URL_OF_KEYS, never)).toEqual({
      modified: true,
      body: { keys: [] },
      etag: undefined,
      maxAgeSeconds: undefined,
    })
    expect(asks).toEqual([[URL_OF_KEYS.href, { signal: never, maxBytes: MAX_BYTES }]])
  })

  it('names the place in a complaint', async () => {
    const documents = documentsByApp(() => undefined, ELSEWHERE, MAX_BYTES)
    await expect(documents.fetch(URL_OF_KEYS, never)).rejects.toThrow(
      'fetchKeys(https://id.test/jwks) returned no document',
    )
  })
})

describe('documentsBy', () => {
  it('fetches over the network, bounded, and takes no JWKS for metadata', async () => {
    const server = await serveDocuments()
    server.documents = { '/short': ['x'.repeat(16)], '/long': ['x'.repeat(17)] }
    const network = networkOf([server.url])
    const documents = documentsBy(network, MAX_BYTES)
    expect([documents.allowance, documents.mayBeKeys]).toEqual([network.allowance, false])
    const signal = AbortSignal.timeout(3000)
    const short = new URL('/short', server.url)
    expect(await documents.fetch(short, signal, { jsonTypeOnly: true })).toMatchObject({
      body: ['x'.repeat(16)],
    })
    const long = documents.fetch(new URL('/long', server.url), signal)
    await expect(long).rejects.toThrow(/larger than 20 bytes/)
    await server.close()
  })
})
