import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { protectMcp } from '../../lib/mcp.js'
import { createTestIssuer } from '../../lib/testing.js'
import { messageOf, post, SCOPES, startMcp, type McpApi } from '../support/mcp-server.js'

const issuer = createTestIssuer()
let api: McpApi
let token: string
let powerful: string

beforeAll(async () => {
  api = await startMcp(issuer)
  token = issuer.token({ aud: api.resource, scope: 'mcp' })
  powerful = issuer.token({ aud: api.resource, scope: 'mcp notes:write notes:purge' })
})

beforeEach(() => {
  api.served.length = 0
})

afterAll(async () => {
  await api.close()
})

function callOf(name: unknown): object {
  return { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: {} } }
}

const plant: express.RequestHandler = (req, _res, next) => {
  req.body = callOf('purge-notes')
  next()
}

const deep = (levels: number): string =>
  `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"read-notes","arguments":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}}`

const PARSE = -32_700
const INVALID = -32_600
const PARAMS = -32_602

describe('a body that is no message of MCP', () => {
  it.each<[string, unknown, number, number]>([
    ['no JSON', '{"jsonrpc":', 400, PARSE],
    ['nothing', '', 400, PARSE],
    ['a text', '"tools/call"', 400, INVALID],
    ['null', 'null', 400, INVALID],
    ['an empty list', [], 400, INVALID],
    ['a list in a list', [[callOf('read-notes')]], 400, INVALID],
    ['a list of 10,000 calls', Array(10_000).fill(callOf('read-notes')), 400, INVALID],
    ['another version of JSON-RPC', { ...callOf('read-notes'), jsonrpc: '1.0' }, 400, INVALID],
    [
      'a method that is no string',
      { ...callOf('read-notes'), method: ['tools/call'] },
      400,
      INVALID,
    ],
    ['neither method nor result', { jsonrpc: '2.0', id: 7 }, 400, INVALID],
    ['parameters that are a list', { ...callOf('x'), params: ['read-notes'] }, 400, PARAMS],
    ['a name that is a number', callOf(7), 400, PARAMS],
    ['a name that is a list of one name', callOf(['purge-notes']), 400, PARAMS],
    ['a name that is null', callOf(null), 400, PARAMS],
    ['a name that is an object', callOf({ toString: 'purge-notes' }), 400, PARAMS],
    [
      'a member __proto__ of its parameters',
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"__proto__":{"name":"purge-notes"}}}',
      400,
      PARAMS,
    ],
    [
      'a member __proto__ of its own',
      '{"__proto__":{"method":"tools/call"},"jsonrpc":"2.0","id":7,"params":{"name":"purge-notes"}}',
      400,
      INVALID,
    ],
    [
      'a name that occurs twice',
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"purge-notes","name":"read-notes"}}',
      400,
      PARSE,
    ],
    [
      'a method that occurs twice',
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","method":"ping","params":{"name":"purge-notes"}}',
      400,
      PARSE,
    ],
    ['more levels than anybody needs', deep(130), 400, PARSE],
    ['a hundred thousand levels', deep(100_000), 400, PARSE],
  ])('is refused, whatever the token grants: %s', async (_what, body, status, code) => {
    const response = await post(api, { token: powerful, body })
    expect(response.status).toBe(status)
    // A client finds its request by the id, where there is one request.
    const isRead = code === PARAMS
    expect(response.body).toMatchObject({
      jsonrpc: '2.0',
      error: { code },
      ...(isRead && { id: 7 }),
    })
    expect(response.headers['cache-control']).toBe('no-store')
    expect(api.reason()).toBe('malformed_message')
    expect(api.served).toEqual([])
  })

  it('is refused where it is larger than any message', async () => {
    const body = JSON.stringify(callOf('read-notes')).padEnd(4_194_305)
    const response = await post(api, { token: powerful, body })
    expect(response.status).toBe(413)
    expect(api.served).toEqual([])
  })

  // In UTF-7 the same bytes are `"x":"","name":"purge-notes"`.
  it('is refused where a parser behind the guard could read it in another charset', async () => {
    const body =
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"read-notes","x":"+ACIALAAi-name+ACIAOgAi-purge-notes"}}'
    const headers = { 'content-type': 'application/json; charset=utf-7' }
    const response = await post(api, { token: powerful, body, headers })
    expect(response.status).toBe(415)
    expect(api.served).toEqual([])
  })

  it.each([
    ['another type', { 'content-type': 'text/plain' }],
    ['compression', { 'content-encoding': 'gzip' }],
  ])('is refused for %s, which the guard does not read', async (_what, headers) => {
    const response = await post(api, { token: powerful, body: callOf('read-notes'), headers })
    expect(response.status).toBe(415)
    expect(api.served).toEqual([])
  })
})

describe('a message', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])(
    'may name a tool %j, of which nobody knows',
    async (name) => {
      const response = await post(api, {
        token,
        ...messageOf('2025-11-25', 'tools/call', { name }),
      })
      expect(response.status).toBe(200)
      expect(response.text).toMatch(/error/i)
      expect(api.served).toEqual([])
    },
  )

  it.each([
    ['prompts/get', { name: 'summary' }, 'mcp notes:read'],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'summary' } }, 'mcp notes:read'],
    ['resources/read', { uri: 'notes://secret/' }, 'mcp notes:secret'],
    ['resources/subscribe', { uri: 'notes://secret/' }, 'mcp notes:secret'],
    [
      'completion/complete',
      { ref: { type: 'ref/resource', uri: 'notes://secret/./' } },
      'mcp notes:secret',
    ],
    [
      'subscriptions/listen',
      { notifications: { resourceSubscriptions: ['notes://a/', 'notes://secret/'] } },
      'mcp notes:secret',
    ],
  ])('%s %j needs what it works on', async (method, params, scope) => {
    const response = await post(api, { token, ...messageOf('2026-07-28', method, params) })
    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toContain(`scope="${scope}"`)
    expect(api.served).toEqual([])
  })

  it('is judged by both readings, where req.body holds another one than the stream', async () => {
    const other = await startMcp(issuer, { parser: plant })
    try {
      const mine = issuer.token({ aud: other.resource, scope: 'mcp' })
      const response = await post(other, { token: mine, body: callOf('read-notes') })
      expect(response.status).toBe(403)
      expect(other.served).toEqual([])
    } finally {
      await other.close()
    }
  })

  it.each([
    ['as bytes', express.raw({ type: '*/*' })],
    ['as text', express.text({ type: '*/*' })],
  ])('is judged where a parser left it %s', async (_what, parser) => {
    const other = await startMcp(issuer, { parser })
    try {
      const mine = issuer.token({ aud: other.resource, scope: 'mcp' })
      expect((await post(other, { token: mine, body: callOf('purge-notes') })).status).toBe(403)
      expect(other.served).toEqual([])
    } finally {
      await other.close()
    }
  })

  it('is handed on byte for byte, however it comes in pieces', async () => {
    const note = 'ü'.repeat(100_000)
    const { body, headers } = messageOf('2026-07-28', 'tools/call', {
      name: 'read-notes',
      arguments: { note },
    })
    const bytes = Buffer.from(JSON.stringify(body))
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 1013) {
        yield bytes.subarray(at, at + 1013)
        if (at % 16 === 0) await new Promise(setImmediate)
      }
    }
    const response = await fetch(api.resource, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}` },
      body: ReadableStream.from(pieces()),
      duplex: 'half',
    })
    expect(response.status).toBe(200)
    expect(api.served).toEqual(['read-notes'])
  })
})

describe('a call', () => {
  it.each(['get', 'delete', 'options', 'put'] as const)(
    'by %s is judged too, for a handler that takes all methods',
    async (method) => {
      const { resource } = api
      const mcp = protectMcp({ ...issuer.options, resource, audience: resource, ...SCOPES })
      const app = express().use(mcp.guard, express.json(), (req, res) => void res.json(req.body))
      const calling = async (bearer: string): Promise<number> => {
        const sent = request(app)[method]('/').set('Authorization', `Bearer ${bearer}`)
        return (await sent.send(callOf('purge-notes'))).status
      }
      expect([await calling(token), await calling(powerful)]).toEqual([403, 200])
      mcp.close()
    },
  )
})
