import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import request, { type Response } from 'supertest'
import { memoryReplayStore } from '../../lib/index.js'
import { protectMcp, type ProtectMcpOptions } from '../../lib/mcp.js'
import { createTestIssuer, testRevocationStore, type TestClaims } from '../../lib/testing.js'
import { freePort } from '../../lib/testing/free-port.js'
import { bearerParameters } from '../../tools/challenge.js'
import { rawRequest } from '../../tools/server.js'
import {
  call,
  messageOf,
  post,
  REVISIONS,
  startMcp,
  type McpApi,
  type McpApiOptions,
} from '../support/mcp-server.js'

const issuer = createTestIssuer()
let api: McpApi

beforeAll(async () => {
  await issuer.listen()
  api = await startMcp(issuer)
})

beforeEach(() => {
  api.served.length = 0
  api.callers.length = 0
})

afterAll(async () => {
  await api.close()
})

const tokenFor = (claims: TestClaims = {}, { resource } = api): string =>
  issuer.token({ aud: resource, scope: 'mcp', ...claims })

/** Closes it after use. */
async function withMcp(
  options: McpApiOptions,
  use: (started: McpApi) => Promise<void>,
): Promise<void> {
  const started = await startMcp(issuer, options)
  try {
    await use(started)
  } finally {
    await started.close()
  }
}

function challengeOf(response: Response): Readonly<Record<string, string>> {
  return bearerParameters(response.headers['www-authenticate'] ?? '')
}

const METADATA = '/.well-known/oauth-protected-resource'

describe.each(REVISIONS)('an MCP server, for clients of %s', (revision) => {
  it('answers 401 without an error code where no token came, and says where to get one (MCP-03, MCP-07)', async () => {
    const response = await call(api, undefined, 'read-notes', revision)
    expect(response.status).toBe(401)
    expect(challengeOf(response)).toEqual({
      realm: 'api',
      scope: 'mcp',
      resource_metadata: `${api.url}${METADATA}/mcp`,
    })
  })

  it.each<[string, TestClaims]>([
    ['for another server', { aud: 'https://other.example/mcp' }],
    ['without an audience', { aud: undefined }],
  ])('refuses a token %s (MCP-04)', async (_what, claims) => {
    const response = await call(api, tokenFor(claims), 'read-notes', revision)
    expect(response.status).toBe(401)
    expect(challengeOf(response)).toMatchObject({ error: 'invalid_token' })
    expect(api.reason()).toBe('wrong_audience')
  })

  it('answers 401 to an expired token, though it lacks a scope as well (MCP-05)', async () => {
    const token = tokenFor({ exp: 1_700_000_000, scope: '' })
    const response = await call(api, token, 'purge-notes', revision)
    expect(response.status).toBe(401)
    expect(api.reason()).toBe('expired')
  })

  it('answers 401 to a forged token (MCP-05)', async () => {
    const forged = issuer.wrongKey({ aud: api.resource, scope: 'mcp' })
    expect((await call(api, forged, 'read-notes', revision)).status).toBe(401)
  })

  it('tells no tool the token: nothing that a handler gets could be handed on (MCP-06)', async () => {
    const token = tokenFor()
    await call(api, token, 'read-notes', revision)
    expect(api.callers[0]).toMatchObject({ token: '', clientId: 'client-1', scopes: ['mcp'] })
    expect(JSON.stringify(api.callers[0])).not.toContain(token)
  })

  it('answers 403 with all scopes of the operation in one challenge (MCP-08, MCP-10)', async () => {
    const response = await call(api, tokenFor(), 'purge-notes', revision)
    expect(response.status).toBe(403)
    expect(challengeOf(response)).toMatchObject({
      error: 'insufficient_scope',
      error_description: expect.any(String),
      scope: 'mcp notes:write notes:purge',
      resource_metadata: `${api.url}${METADATA}/mcp`,
    })
    expect(response.headers['cache-control']).toBe('no-store')
  })

  it('takes a scope that implies others for them (MCP-11)', async () => {
    const scopeImplies = { admin: ['mcp', 'notes:purge'], 'notes:purge': ['notes:write'] }
    await withMcp({ scopeImplies }, async (started) => {
      const token = tokenFor({ scope: 'admin' }, started)
      expect((await call(started, token, 'purge-notes', revision)).status).toBe(200)
    })
  })

  it('reads no token from the query, and no session stands for one (MCP-13)', async () => {
    const token = tokenFor()
    const { body, headers } = messageOf(revision, 'tools/call', { name: 'read-notes' })
    const response = await request(api.url)
      .post(`/mcp?access_token=${token}`)
      .set({ ...headers, 'mcp-session-id': 'a-session' })
      .send(body)
    expect(response.status).toBe(401)
    expect(api.served).toEqual([])
  })

  it.each([
    ['two tokens', (token: string) => [`Authorization: Bearer ${token} junk`]],
    ['no token behind the scheme', () => ['Authorization: Bearer']],
    [
      'two fields',
      (token: string) => [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`],
    ],
  ])('answers 400 to %s (MCP-14)', async (_what, linesOf) => {
    const answer = await rawRequest(api.port, linesOf(tokenFor()), 'POST /mcp HTTP/1.1')
    expect(answer.status).toBe(400)
  })

  it('takes two spaces in front of the token, as the grammar does (MCP-14)', async () => {
    const { body, headers } = messageOf(revision, 'tools/call', { name: 'read-notes' })
    const authorization = `Bearer  ${tokenFor()}`
    expect((await post(api, { body, headers: { ...headers, authorization } })).status).toBe(200)
  })

  it('lets pages read the challenge (MCP-16)', async () => {
    const response = await call(api, undefined, 'read-notes', revision)
    expect(response.headers['access-control-expose-headers']).toContain('WWW-Authenticate')
  })

  it.each(['mcp-name', 'mcp-method'])(
    'refuses a %s that says another thing than the body (MCP-17)',
    async (header) => {
      const { body, headers } = messageOf(revision, 'tools/call', { name: 'read-notes' })
      const response = await post(api, {
        token: tokenFor(),
        body,
        headers: { ...headers, [header]: 'other' },
      })
      expect(response.status).toBe(400)
      expect(response.body).toMatchObject({ error: { code: -32_020 }, id: 1 })
      expect(api.served).toEqual([])
    },
  )

  it('judges the call in the body, whatever the headers name (MCP-18)', async () => {
    const { body, headers } = messageOf(revision, 'tools/call', { name: 'purge-notes' })
    const named = { ...headers, 'mcp-method': 'tools/call', 'mcp-name': 'read-notes' }
    const response = await post(api, { token: tokenFor(), body, headers: named })
    expect(response.status).toBe(403)
    expect(challengeOf(response)['scope']).toBe('mcp notes:write notes:purge')
    expect(api.served).toEqual([])
  })

  it('refuses early what the headers name and the token may not do (MCP-18)', async () => {
    const { body, headers } = messageOf(revision, 'tools/call', { name: 'read-notes' })
    const named = { ...headers, 'mcp-method': 'tools/call', 'mcp-name': 'purge-notes' }
    const response = await post(api, { token: tokenFor(), body, headers: named })
    expect(response.status).toBe(403)
    expect(api.served).toEqual([])
  })

  it('refuses what has neither body nor headers (MCP-18)', async () => {
    const response = await post(api, { token: tokenFor(), body: '' })
    expect(response.status).toBe(400)
    expect(response.body).toMatchObject({ error: { code: -32_700 }, id: null })
  })

  it('answers 503 with Retry-After while the keys cannot be had (MCP-19)', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`
    await withMcp({ issuer: nowhere }, async (started) => {
      const token = tokenFor({ iss: nowhere }, started)
      const response = await call(started, token, 'read-notes', revision)
      expect(response.status).toBe(503)
      expect(Number(response.headers['retry-after'])).toBeGreaterThanOrEqual(1)
      expect(response.headers['www-authenticate']).toBeUndefined()
    })
  })

  it('answers 503 with Retry-After while the denylist cannot be asked (MCP-19)', async () => {
    const revocations = testRevocationStore()
    revocations.outage()
    await withMcp({ revocations }, async (started) => {
      const response = await call(started, tokenFor({}, started), 'read-notes', revision)
      expect(response.status).toBe(503)
      expect(started.reason()).toBe('revocation_unavailable')
      expect(started.served).toEqual([])
    })
  })

  it('takes a token that is bound to a key with a proof of it, once (MCP-20)', async () => {
    const dpop = { replay: memoryReplayStore(), proofMaxAgeSeconds: 300 }
    await withMcp({ dpop }, async (started) => {
      const client = issuer.dpopClient()
      const url = started.resource
      const token = client.token({ aud: url, scope: 'mcp' })
      const iat = Math.floor(Date.now() / 1000) - 290
      const proof = client.proof(token, { url, method: 'POST', claims: { iat } })
      const { body, headers } = messageOf(revision, 'tools/call', { name: 'read-notes' })
      const sent = { ...headers, authorization: `DPoP ${token}`, dpop: proof }
      expect((await post(started, { body, headers: sent })).status).toBe(200)
      expect((await post(started, { body, headers: sent })).status).toBe(401)
      expect(started.reason()).toBe('replayed_proof')
      const bearer = { ...headers, authorization: `Bearer ${token}` }
      expect((await post(started, { body, headers: bearer })).status).toBe(401)
      expect(started.served).toEqual(['read-notes'])
    })
  })
})

describe('an MCP server', () => {
  it.each([METADATA, `${METADATA}/mcp`])(
    'tells at %s who it is and where tokens come from (MCP-01, MCP-02, MCP-03)',
    async (path) => {
      const response = await request(api.url).get(path)
      expect(response.status).toBe(200)
      expect(response.body).toMatchObject({
        resource: api.resource,
        authorization_servers: [issuer.issuer],
      })
      expect(response.headers['access-control-allow-origin']).toBe('*')
    },
  )

  it('does not start where it could name no issuer (MCP-02)', () => {
    const verifier = { verify: () => Promise.reject(new Error('never asked')) }
    const options = { resource: 'https://api.example.com/mcp', verifier }
    expect(() => protectMcp(options)).toThrow('protectMcp: "authorizationServers" must be given')
    const authorizationServers = ['https://id.example.com']
    expect(() => protectMcp({ ...options, authorizationServers })).not.toThrow()
  })

  it('adds no slash to an identifier that is an origin (MCP-01)', async () => {
    const origin = 'https://api.example.com'
    await withMcp({ resource: origin }, async (started) => {
      const response = await request(started.url).get(METADATA)
      expect(response.body).toMatchObject({ resource: origin })
    })
  })

  it('knows its own URI with scheme and host in capitals, and no other path (MCP-09)', async () => {
    const resource = 'https://api.example.com/mcp'
    await withMcp({ resource }, async (started) => {
      const statusFor = async (aud: string): Promise<number> =>
        (await call(started, tokenFor({ aud }), 'read-notes')).status
      expect(await statusFor('HTTPS://API.Example.com/mcp')).toBe(200)
      expect(await statusFor('https://api.example.com/MCP')).toBe(401)
      expect(await statusFor('https://api.example.com/mcp/')).toBe(401)
    })
  })

  it('may be called otherwise in tokens than in its metadata, as Entra calls it (MCP-04)', async () => {
    const audience = '2f3c9a52-0000-4000-8000-5a1f0e6c0d11'
    await withMcp({ audience }, async (started) => {
      const token = tokenFor({ aud: audience })
      expect((await call(started, token, 'read-notes')).status).toBe(200)
      expect((await call(started, tokenFor({}, started), 'read-notes')).status).toBe(401)
      expect(started.callers[0]?.resource?.href).toBe(started.resource)
    })
  })

  it('asks for scopes by the long name where tokens carry the short one, as those of Entra do (MCP-11)', async () => {
    const long = 'api://2f3c9a52/access'
    const options = { scopes: [long], scopeImplies: { access: [long] } }
    await withMcp(options, async (started) => {
      const first = await call(started, undefined, 'read-notes')
      expect(challengeOf(first)['scope']).toBe(long)
      const token = tokenFor({ scope: undefined, scp: 'access' }, started)
      expect((await call(started, token, 'read-notes')).status).toBe(200)
    })
  })

  it.each<[string, Partial<ProtectMcpOptions>]>([
    ['scopes', { scopes: ['mcp', 'offline_access'] }],
    ['tools', { tools: { 'read-notes': 'offline_access' } }],
  ])('asks nobody for a refresh token: "%s" does not hold offline_access (MCP-12)', (_at, more) => {
    const options = { resource: 'https://api.example.com/mcp', issuer: 'https://id.example.com' }
    expect(() => protectMcp({ ...options, ...more } as ProtectMcpOptions)).toThrow('offline_access')
  })

  it('is on https, unless it is on loopback (MCP-15)', () => {
    const options = { issuer: 'https://id.example.com', audience: 'x' }
    const start = (resource: string) => (): unknown => protectMcp({ ...options, resource })
    expect(start('http://api.example.com/mcp')).toThrow('must be an https URL')
    expect(start('http://127.0.0.1:3000/mcp')).not.toThrow()
  })

  it('refuses a list for the one message that may not pass, and serves none of it (MCP-18)', async () => {
    const body = ['read-notes', 'add-note'].map((name) => ({
      ...messageOf('2025-06-18', 'tools/call', { name }).body,
    }))
    const response = await post(api, { token: tokenFor(), body })
    expect(response.status).toBe(403)
    expect(api.served).toEqual([])
  })

  it('answers a preflight of its metadata (MCP-16)', async () => {
    const response = await request(api.url).options(`${METADATA}/mcp`)
    expect(response.status).toBe(204)
    expect(response.headers['access-control-allow-methods']).toContain('GET')
  })
})
