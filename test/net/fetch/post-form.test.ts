import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { postForm, type PostedAnswer } from '../../../lib/net/fetch/post-form.js'
import { serveDocuments, type DocumentServer } from '../../support/documents.js'
import { networkOf } from '../../support/network.js'

const MAX_BYTES = 200

let server: DocumentServer
let url: URL
let answer: (req: IncomingMessage, res: ServerResponse) => unknown

beforeEach(async () => {
  server = await serveDocuments()
  server.documents = { '/': (req: IncomingMessage, res: ServerResponse) => void answer(req, res) }
  url = new URL(server.url)
})

afterEach(() => server.close())

function posted(body?: string): Promise<PostedAnswer> {
  const limits = {
    signal: AbortSignal.timeout(3000),
    maxBytes: MAX_BYTES,
    network: networkOf([url]),
  }
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return postForm(url, { headers, ...(body !== undefined && { body }) }, limits)
}

describe('postForm', () => {
  it.each([
    ['a=b&c=\u00E9', 'a=b&c=\u00E9', '8'],
    [undefined, '', '0'],
  ])('posts %j, and says how many bytes it has', async (body, sent, length) => {
    answer = (req, res) => void req.pipe(res.setHeader('content-type', 'text/plain'))
    expect(await posted(body)).toEqual({ contentType: 'text/plain', text: sent })
    expect(server.requests).toEqual(['POST /'])
    expect(server.headers[0]).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': length,
    })
  })

  it('says where an answer has no type', async () => {
    answer = (_req, res) => res.end('{}')
    expect(await posted()).toEqual({ contentType: '', text: '{}' })
  })

  it.each([
    [503, { 'retry-after': '7' }, 7],
    [429, {}, undefined],
    [201, {}, undefined],
    [302, { location: '/elsewhere' }, undefined],
  ])('fails with status %i, and with when to come back', async (status, headers, seconds) => {
    answer = (_req, res) => res.writeHead(status, headers).end('secret')
    const failing = posted()
    await expect(failing).rejects.toMatchObject({
      name: 'FetchError',
      message: `${url.href}: The answer is ${status}`,
      status,
      retryAfterSeconds: seconds,
    })
    expect(server.requests).toHaveLength(1)
  })

  it.each([
    ['as many bytes as the cap', ' '.repeat(MAX_BYTES)],
    ['as deep as may be', '['.repeat(64)],
  ])('takes an answer of %s', async (_name, text) => {
    answer = (_req, res) => res.end(text)
    expect(await posted()).toMatchObject({ text })
  })

  it.each([
    ['more bytes than the cap', ' '.repeat(MAX_BYTES + 1), /larger than 200 bytes/],
    ['deeper than may be', '['.repeat(65), /nested too deeply/],
  ])('refuses an answer of %s', async (_name, text, complaint) => {
    answer = (_req, res) => res.end(text)
    await expect(posted()).rejects.toThrow(complaint)
  })
})
