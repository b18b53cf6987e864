import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { compileNetwork } from '../../../../lib/net/network/network-options.js'
import { createClientFetch } from '../../../../lib/session/handler/issuer/client-fetch.js'
import { serve, type RunningServer } from '../../../../tools/server.js'

const MAX_BYTES = 524_288

let server: RunningServer
let answer: RequestListener

beforeAll(async () => {
  server = await serve((req, res) => answer(req, res))
})
afterAll(() => server.close())

type Sent = Parameters<ReturnType<typeof createClientFetch>>[1]

function send(sent: Partial<Sent> = {}, timeoutMs = 5000): Promise<Response> {
  const network = compileNetwork(optionCheck('test'), undefined, [new URL(server.url)])
  const fetch = createClientFetch({ network, timeoutMs, certificate: undefined })
  return fetch(`${server.url}/token`, { method: 'POST', headers: {}, ...sent })
}

describe('a call of the client library', () => {
  it.each([
    ['text', 'a=é', 'a=é', '4'],
    ['a form', new URLSearchParams({ a: 'é' }), 'a=%C3%A9', '8'],
  ])('sends %s with its length in bytes', async (_what, body, text, length) => {
    let came: unknown
    answer = (req, res) => {
      const { method, headers } = req
      req.setEncoding('utf8')
      req.on('data', (chunk) => {
        came = { method, length: headers['content-length'], chunk: chunk as string }
      })
      req.on('end', () => res.end('{}'))
    }
    expect((await send({ body, headers: { accept: 'application/json' } })).status).toBe(200)
    expect(came).toEqual({ method: 'POST', length, chunk: text })
  })

  it('hands on the answer, and of its headers what is needed', async () => {
    answer = (_req, res) => {
      const headers = { 'Content-Type': 'application/json', 'WWW-Authenticate': 'Basic', 'Cache-Control': 'no-store', 'Set-Cookie': 'a=b' } // prettier-ignore
      res.writeHead(401, headers).end('{"error":"invalid_client"}')
    }
    const response = await send()
    expect([response.status, await response.json()]).toEqual([401, { error: 'invalid_client' }])
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'application/json',
      'www-authenticate': 'Basic',
      'cache-control': 'no-store',
    })
  })

  it.each([204, 205, 304])('takes %d, which has no body', async (status) => {
    answer = (_req, res) => void res.writeHead(status).end()
    const response = await send({ method: 'GET' })
    expect([response.status, response.body]).toEqual([status, null])
  })

  it('follows no redirect', async () => {
    answer = (_req, res) => void res.writeHead(307, { Location: 'http://evil.example/' }).end()
    const response = await send()
    expect([response.status, response.headers.get('location')]).toEqual([307, null])
  })

  it.each([
    [MAX_BYTES, true],
    [MAX_BYTES + 1, false],
  ])('takes an answer of %d bytes: %s', async (bytes, taken) => {
    answer = (_req, res) => void res.end('x'.repeat(bytes))
    const response = await send().catch((error: unknown) => error)
    expect(response instanceof Response).toBe(taken)
  })

  it('waits no longer than it may', async () => {
    answer = () => undefined
    await expect(send({}, 50)).rejects.toMatchObject({
      name: expect.stringMatching(/Error/) as unknown,
    })
  })

  it.each([
    [{ method: 'PUT' }, 'PUT is never sent'],
    [{ method: 'get' }, 'get is never sent'],
    [{ body: new Uint8Array(1) }, 'Only forms are sent'],
  ])('sends nothing by %j', (sent, message) => {
    expect(() => send(sent)).toThrow(message)
  })
})
