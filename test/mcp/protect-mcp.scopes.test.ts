import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createMcpHandler, McpServer, type AuthInfo } from '@modelcontextprotocol/server'
import type { Auth } from '../../lib/index.js'
import { mcpScopes, protectMcp, type McpAuth } from '../../lib/mcp.js'
import { createTestIssuer } from '../../lib/testing.js'
import { bearerParameters } from '../../tools/challenge.js'
import { call, messageOf, post, REVISIONS, startMcp, type McpApi } from '../support/mcp-server.js'

const issuer = createTestIssuer()
let api: McpApi
const scopeImplies = { 'notes:purge': ['notes:write'] }

beforeAll(async () => {
  api = await startMcp(issuer, { scopeImplies })
})

afterAll(async () => {
  await api.close()
})

/** What the compiler says of it. */
const both = (auth: McpAuth): readonly [Auth, AuthInfo] => [auth, auth]

async function callerWith(scope: string): Promise<AuthInfo> {
  const token = issuer.token({ aud: api.resource, scope })
  await call(api, token, 'read-notes')
  const caller = api.callers.at(-1)
  if (caller === undefined) throw new Error('The tool was not called')
  return caller
}

describe('what a tool is told of its caller', () => {
  it('is an Auth and an AuthInfo at once', async () => {
    const info = await callerWith('mcp notes:purge')
    expect(info).toMatchObject({
      subject: 'user-1',
      revocationIssuer: issuer.issuer,
      clientId: 'client-1',
      expiresAt: expect.any(Number),
      resource: new URL(api.resource),
      resourceMetadataUrl: api.mcp.metadata.url,
    })
    expect([...info.scopes]).toEqual(['mcp', 'notes:purge', 'notes:write'])
    const { scopes } = info as McpAuth
    expect(scopes.has('notes:write')).toBe(true)
    expect(scopes.has('notes:delete')).toBe(false)
    expect(scopes.size).toBe(3)
    expect([...scopes.keys()]).toEqual([...scopes])
    expect(Object.isFrozen(scopes)).toBe(true)
  })

  it('has both types', () => {
    expect(both).toHaveLength(1)
  })

  it('holds the token where it was asked for', async () => {
    const exposing = await startMcp(issuer, { exposeToken: true })
    const token = issuer.token({ aud: exposing.resource, scope: 'mcp' })
    await call(exposing, token, 'read-notes')
    expect(exposing.callers[0]?.token).toBe(token)
    await exposing.close()
  })

  it.each([
    ['', false],
    ['Bearer ', 'bearer'],
  ] as const)(
    'holds the token that was verified, where a header of the proxy has it as "%stoken"',
    async (before, scheme) => {
      const header = { name: 'X-Access-Token', scheme }
      const exposing = await startMcp(issuer, { exposeToken: true, header })
      const token = issuer.token({ aud: exposing.resource, scope: 'mcp' })
      const { body, headers } = messageOf(REVISIONS[0]!, 'tools/call', { name: 'read-notes' })
      const beside = { ...headers, 'x-csrf': '1', 'x-access-token': before + token }
      await post(exposing, { token: 'of.somebody.else', headers: beside, body })
      expect(exposing.callers[0]?.token).toBe(token)
      await exposing.close()
    },
  )
})

describe('visible', () => {
  it.each([
    ['mcp', 'read-notes', true],
    ['', 'read-notes', false],
    ['mcp', 'purge-notes', false],
    ['mcp notes:purge', 'purge-notes', true],
    ['mcp notes:purge', '__proto__', true],
  ])('for a token with %j and the tool %s: %p', async (scope, tool, expected) => {
    const caller = {
      scopes: new Set(scope === '' ? [] : [...(await callerWith(`mcp ${scope}`)).scopes]),
    }
    expect(api.mcp.visible(caller, tool)).toBe(expected)
  })

  it('hides everything from nobody, and knows resources and prompts', () => {
    expect(api.mcp.visible(undefined, 'read-notes')).toBe(false)
    const caller = { scopes: ['mcp', 'notes:secret'] }
    expect(api.mcp.visible(caller, 'NOTES://secret/./', 'resource')).toBe(true)
    expect(api.mcp.visible({ scopes: ['mcp'] }, 'NOTES://secret/./', 'resource')).toBe(false)
    expect(api.mcp.visible(caller, 'summary', 'prompt')).toBe(false)
  })

  it('asks a function what it would ask of a call', () => {
    const mcp = protectMcp({
      resource: 'https://api.example.com/mcp',
      issuer: 'https://id.example.com',
      tools: ({ kind, name, method, params }) =>
        [kind, name, method, params['name']].join() === 'tool,x,tools/call,x' ? 'a b' : undefined,
    })
    expect(mcp.visible({ scopes: ['a'] }, 'x')).toBe(false)
    expect(mcp.visible({ scopes: ['a', 'b'] }, 'x')).toBe(true)
    expect(mcp.visible({ scopes: [] }, 'y')).toBe(true)
    mcp.close()
  })
})

describe('a function that names scopes', () => {
  it.each<[string, () => never]>([
    [
      'throws',
      () => {
        throw new Error('a bug')
      },
    ],
    ['returns a promise', () => Promise.resolve(['x']) as never],
    ['returns what is no scope', () => 'a"b' as never],
  ])('lets nobody pass where it %s', async (_how, tools) => {
    const broken = await startMcp(issuer, { tools })
    const token = issuer.token({ aud: broken.resource, scope: 'mcp' })
    expect((await call(broken, token, 'read-notes')).status).toBe(500)
    expect(broken.served).toEqual([])
    await broken.close()
  })
})

describe('mcpScopes', () => {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'notes', version: '1.0.0' })
    const scopeChallenge = mcpScopes('notes:write notes:read')
    server.registerTool('add', { scopeChallenge }, () => ({ content: [] }))
    return server
  })

  function add(revision: string, authInfo?: AuthInfo): Promise<Response> {
    const { body, headers } = messageOf(revision, 'tools/call', { name: 'add', arguments: {} })
    const asked = new Request(api.resource, { method: 'POST', headers, body: JSON.stringify(body) })
    return handler.fetch(asked, authInfo === undefined ? {} : { authInfo })
  }

  it.each(REVISIONS)('lets the SDK challenge for what a tool needs (%s)', async (revision) => {
    const refused = await add(revision, await callerWith('mcp notes:write'))
    expect(refused.status).toBe(403)
    expect(bearerParameters(refused.headers.get('www-authenticate') ?? '')).toMatchObject({
      error: 'insufficient_scope',
      scope: 'notes:write notes:read',
      resource_metadata: api.mcp.metadata.url,
    })
    // `notes:purge` implies `notes:write`.
    expect((await add(revision, await callerWith('mcp notes:purge notes:read'))).status).toBe(200)
  })

  it('challenges a caller without a token as well', async () => {
    expect((await add('2026-07-28')).status).toBe(403)
  })

  it.each([[''], [[]], ['a"b'], ['offline_access']])('takes no %j', (scopes) => {
    expect(() => mcpScopes(scopes)).toThrow('mcpScopes: "scopes" must')
  })
})
