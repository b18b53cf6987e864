import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { createTestIssuer } from '../../lib/testing.js'
import { bearerParameters } from '../../tools/challenge.js'
import { call, messageOf, post, REVISIONS, startMcp, type McpApi } from '../support/mcp-server.js'

const issuer = createTestIssuer()
let api: McpApi

beforeAll(async () => {
  api = await startMcp(issuer)
})

beforeEach(() => {
  api.served.length = 0
})

afterAll(async () => {
  await api.close()
})

const tokenWith = (scope: string): string => issuer.token({ aud: api.resource, scope })

describe.each(REVISIONS)('protectMcp, for clients of %s', (revision) => {
  it('runs a tool that needs no more than every request', async () => {
    const response = await call(api, tokenWith('mcp'), 'read-notes', revision)
    expect(response.status).toBe(200)
    expect(response.text).toContain('read-notes done')
    expect(api.served).toEqual(['read-notes'])
  })

  it('refuses a tool whose scopes the token lacks, with all of them in one challenge (MCP-08, MCP-10)', async () => {
    const response = await call(api, tokenWith('mcp'), 'purge-notes', revision)
    expect(response.status).toBe(403)
    expect(bearerParameters(response.headers['www-authenticate'] ?? '')).toMatchObject({
      error: 'insufficient_scope',
      scope: 'mcp notes:write notes:purge',
      resource_metadata: `${api.url}/.well-known/oauth-protected-resource/mcp`,
    })
    expect(api.served).toEqual([])
  })

  it('runs it once the token grants them', async () => {
    const token = tokenWith('mcp notes:write notes:purge')
    expect((await call(api, token, 'purge-notes', revision)).status).toBe(200)
    expect(api.served).toEqual(['purge-notes'])
  })

  it('asks for a token without naming an error, and says what to ask for (MCP-03, MCP-07)', async () => {
    const response = await call(api, undefined, 'read-notes', revision)
    expect(response.status).toBe(401)
    expect(bearerParameters(response.headers['www-authenticate'] ?? '')).toEqual({
      realm: 'api',
      scope: 'mcp',
      resource_metadata: `${api.url}/.well-known/oauth-protected-resource/mcp`,
    })
  })

  it('judges behind a body parser as well', async () => {
    const parsing = await startMcp(issuer, { parser: express.json() })
    try {
      const token = issuer.token({ aud: parsing.resource, scope: 'mcp' })
      expect((await call(parsing, token, 'read-notes', revision)).status).toBe(200)
      expect((await call(parsing, token, 'add-note', revision)).status).toBe(403)
      expect(parsing.served).toEqual(['read-notes'])
    } finally {
      await parsing.close()
    }
  })
})

describe('protectMcp', () => {
  it.each(['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'])(
    'serves its metadata at %s (MCP-01, MCP-02, MCP-03)',
    async (path) => {
      const response = await request(api.url).get(path)
      expect(response.status).toBe(200)
      expect(response.headers['access-control-allow-origin']).toBe('*')
      expect(response.body).toEqual({
        resource: api.resource,
        authorization_servers: [issuer.issuer],
        scopes_supported: ['mcp', 'notes:write', 'notes:purge', 'notes:secret', 'notes:read'],
        bearer_methods_supported: ['header'],
      })
    },
  )

  it('judges a call by its body, whatever an older revision and a header say (MCP-18)', async () => {
    const token = tokenWith('mcp')
    const message = messageOf('2025-11-25', 'tools/call', { name: 'purge-notes', arguments: {} })
    const headers = { ...message.headers, 'mcp-method': 'tools/call', 'mcp-name': 'read-notes' }
    const response = await post(api, { token, body: message.body, headers })
    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toContain('scope="mcp notes:write notes:purge"')
    expect(api.served).toEqual([])
  })

  it('refuses a list of messages for the one that is not allowed, before any of them is served', async () => {
    const token = tokenWith('mcp')
    const body = ['read-notes', 'purge-notes'].map((name, id) => ({
      ...messageOf('2025-06-18', 'tools/call', { name, arguments: {} }).body,
      id,
    }))
    const response = await post(api, { token, body })
    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toContain('scope="mcp notes:write notes:purge"')
    expect(api.served).toEqual([])
  })

  it('refuses a message whose header names another tool, though both are allowed (MCP-17)', async () => {
    const token = tokenWith('mcp notes:write')
    const { body, headers } = messageOf('2026-07-28', 'tools/call', { name: 'add-note' })
    const response = await post(api, {
      token,
      body,
      headers: { ...headers, 'mcp-name': 'read-notes' },
    })
    expect(response.status).toBe(400)
    expect(response.body).toEqual({
      jsonrpc: '2.0',
      error: { code: -32_020, message: expect.any(String) },
      id: 1,
    })
    expect(api.reason()).toBe('header_mismatch')
    expect(api.served).toEqual([])
  })

  it('knows all spellings of the URI of a resource', async () => {
    const token = tokenWith('mcp')
    for (const uri of ['notes://secret/', 'NOTES://secret/', 'notes://secret/a/../']) {
      const response = await post(api, {
        token,
        ...messageOf('2025-11-25', 'resources/read', { uri }),
      })
      expect(response.status).toBe(403)
    }
    expect(api.served).toEqual([])
  })

  it('answers what is no JSON by the rules of JSON-RPC', async () => {
    const response = await post(api, { token: tokenWith('mcp'), body: '{"jsonrpc"' })
    expect(response.status).toBe(400)
    expect(response.body).toEqual({
      jsonrpc: '2.0',
      error: { code: -32_700, message: expect.any(String) },
      id: null,
    })
    expect(api.reason()).toBe('malformed_message')
  })
})
