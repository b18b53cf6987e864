import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { askMcp } from '../../../lib/doctor/mcp/ask.js'
import { running, type RunningServer } from '../../../tools/server.js'
import { networkOf } from '../../support/network.js'

let server: RunningServer
let answer: { status: number; headers: Record<string, string> }
let seen: { method?: string; headers: Record<string, unknown>; body: unknown }

beforeAll(async () => {
  server = await running(
    createServer((req, res) => {
      void text(req).then((body) => {
        seen = { method: req.method ?? '', headers: req.headers, body: JSON.parse(body) as unknown }
        res.writeHead(answer.status, answer.headers).end('a long answer that nobody reads')
      })
    }),
  )
})
beforeEach(() => void (answer = { status: 401, headers: {} }))
afterAll(() => server.close())

const ask = (token?: string): ReturnType<typeof askMcp> => {
  const url = new URL(`${server.url}/mcp`)
  return askMcp(url, networkOf([url]), token)
}
const challengeOf = async (field: string, token?: string): Promise<unknown> => {
  answer.headers = { 'www-authenticate': field }
  const { challenge } = await ask(token)
  return challenge && Object.fromEntries(challenge)
}

describe('a question to an MCP server', () => {
  it('is that of a client of the newest revision for the list of tools', async () => {
    await ask()
    expect(seen).toMatchObject({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/list',
      },
      body: {
        jsonrpc: '2.0',
        method: 'tools/list',
        params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
      },
    })
    expect(seen.headers).not.toHaveProperty('authorization')
  })

  it('carries the token where there is one', async () => {
    await ask('t.o.k')
    expect(seen.headers['authorization']).toBe('Bearer t.o.k')
  })

  it('learns status and place, and follows no redirect', async () => {
    answer = { status: 302, headers: { location: 'https://elsewhere/' } }
    expect(await ask()).toEqual({
      status: 302,
      location: 'https://elsewhere/',
      challenge: undefined,
    })
  })

  it.each<[string, unknown]>([
    ['Bearer', {}],
    ['Bearer realm="a", scope="b c"', { realm: 'a', scope: 'b c' }],
    ['bearer Error=invalid_token', { error: 'invalid_token' }],
    ['DPoP algs="ES256"', { algs: 'ES256' }],
    ['Basic realm="x", Bearer scope="b"', { scope: 'b' }],
    ['Bearer realm="a \\"b\\""', { realm: 'a "b"' }],
    ['Bearer scope="first", scope="second"', { scope: 'first' }],
    ['Basic realm="x"', undefined],
    ['', undefined],
  ])('reads the challenge %j', async (field, parameters) => {
    expect(await challengeOf(field)).toEqual(parameters)
  })

  it('never holds a token that the server throws back', async () => {
    expect(await challengeOf('Bearer error_description="t.o.k is bad, t.o.k"', 't.o.k')).toEqual({
      error_description: '(the token) is bad, (the token)',
    })
  })
})
