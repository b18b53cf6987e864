import { afterEach, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import {
  memoryRevocationStore,
  protectedResourceMetadata,
  requireAnyScope,
  requireScope,
  type ProtectedResourceMetadataOptions,
} from '../../lib/index.js'
import { challengesFor } from '../../lib/core/verdicts/challenge.js'
import { protectionOf, withProtection } from '../../lib/http/guard/protection.js'
import { AuthError } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { startApi, type TestApi, type TestApiOptions } from '../../tools/api.js'
import { bearerParameters } from '../../tools/challenge.js'
import { rawRequest } from '../../tools/server.js'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'
const RESOURCE = 'https://api.test/notes'

const issuer = createTestIssuer()
const apis: TestApi[] = []

afterEach(async () => {
  for (const api of apis.splice(0)) await api.close()
})

/** An API whose guard, in front of all, publishes metadata. */
async function start(
  options: Partial<ProtectedResourceMetadataOptions> = {},
  apiOptions: TestApiOptions = {},
): Promise<TestApi> {
  const api = await startApi(issuer, apiOptions)
  apis.push(api)
  protectedResourceMetadata(api.guard, { resource: RESOURCE, ...options })
  return api
}

/** The document of an API that has no other settings. */
async function documentOf(
  options: Partial<ProtectedResourceMetadataOptions>,
  apiOptions: TestApiOptions = {},
): Promise<Record<string, unknown>> {
  const api = await start(options, apiOptions)
  const response = await request(api.url).get(`${WELL_KNOWN}/notes`)
  expect(response.status).toBe(200)
  return response.body as Record<string, unknown>
}

describe('RFC 9728 §1.2 and §3: where the document is', () => {
  it.each([
    'http://api.test',
    'https://api.test/#f',
    'https://api.test#',
    'https://user:pw@api.test',
    'api.test',
    'urn:api',
    'https://api.test/a b',
    'https://api.test/"',
    'https://api.test\\a',
    'https://',
    '',
    undefined,
    7,
  ])('refuses %j as a resource at construction (9728-01)', async (resource) => {
    await expect(start({ resource: resource as string })).rejects.toThrow(/"resource" must be/)
  })

  it.each([
    ['https://h.test', WELL_KNOWN],
    ['https://h.test/', WELL_KNOWN],
    ['https://h.test/api', `${WELL_KNOWN}/api`],
    ['https://h.test/api/', `${WELL_KNOWN}/api/`],
    ['https://h.test/a/b', `${WELL_KNOWN}/a/b`],
    ['https://h.test?x=1', `${WELL_KNOWN}?x=1`],
    ['https://h.test/?x=1', `${WELL_KNOWN}?x=1`],
    ['https://h.test/api?x=1&y=/', `${WELL_KNOWN}/api?x=1&y=/`],
    ['https://H.test:443/Api', `${WELL_KNOWN}/Api`],
    ['https://h.test/caf%C3%A9', `${WELL_KNOWN}/caf%C3%A9`],
    ['http://127.0.0.1:3000/mcp', `${WELL_KNOWN}/mcp`],
    ['http://localhost/mcp', `${WELL_KNOWN}/mcp`],
  ])(
    'serves %s at %s, and names it byte for byte (9728-02, 9728-03, 9728-05, 9728-07)',
    async (resource, path) => {
      const api = await start({ resource, root: false })
      const response = await request(api.url).get(path)
      expect(response.status).toBe(200)
      expect(response.headers['content-type']).toBe('application/json')
      expect(response.body).toMatchObject({ resource })
      for (const other of [`${path}/x`, `${path}x`, `${WELL_KNOWN}/other`, '/']) {
        expect((await request(api.url).get(other)).status).toBe(401)
      }
    },
  )

  it('answers at the root form too, unless it is told not to (9728-02)', async () => {
    const both = await start()
    expect((await request(both.url).get(WELL_KNOWN)).body).toMatchObject({ resource: RESOURCE })
    const one = await start({ root: false })
    expect((await request(one.url).get(WELL_KNOWN)).status).toBe(401)
  })

  it('answers GET and HEAD, tells others what it allows, and answers preflights (9728-04, 9728-20)', async () => {
    const api = await start()
    const path = `${WELL_KNOWN}/notes`
    const got = await request(api.url).get(path)
    const head = await request(api.url).head(path)
    expect([head.status, head.headers['content-length']]).toEqual([
      200,
      got.headers['content-length'],
    ])
    for (const method of ['post', 'put', 'delete', 'patch'] as const) {
      const refused = await request(api.url)[method](path)
      expect([refused.status, refused.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
    const preflight = await request(api.url).options(path)
    expect(preflight.status).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': '*',
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
    })
  })

  it('lets caches and any page have it, for a short time (9728-19, 9728-20)', async () => {
    const api = await start()
    const path = `${WELL_KNOWN}/notes`
    const { headers } = await request(api.url).get(path)
    expect(headers['cache-control']).toBe('public, max-age=300')
    expect(headers['access-control-allow-origin']).toBe('*')
    const etag = headers['etag'] ?? ''
    expect(etag).toMatch(/^"[\w-]{22}"$/)
    for (const known of [etag, `W/${etag}`, `"a", ${etag}`, '*', ' * ']) {
      const unchanged = await request(api.url).get(path).set('If-None-Match', known)
      expect([unchanged.status, unchanged.text, unchanged.headers['etag']]).toEqual([304, '', etag])
    }
    for (const other of ['"a"', etag.slice(1), `${etag}x`, ',,,']) {
      expect((await request(api.url).get(path).set('If-None-Match', other)).status).toBe(200)
    }
  })

  it('goes by what was configured, whatever Host says (9728-21)', async () => {
    const api = await start()
    const lines = ['Host: evil.test', 'X-Forwarded-Host: evil.test']
    for (const target of [`${WELL_KNOWN}/notes`, `http://evil.test${WELL_KNOWN}/notes`]) {
      const answer = await rawRequest(api.port, lines, `GET ${target} HTTP/1.0`)
      expect(answer.status).toBe(200)
      expect(answer.body).toContain(RESOURCE)
      expect(answer.body).not.toContain('evil')
    }
    const refused = await rawRequest(api.port, lines, 'GET /r HTTP/1.0')
    expect(refused.headers.get('www-authenticate')![0]).not.toContain('evil')
  })

  it('is public behind its own guard, with a bad token as well, and the guards after that (9728-22)', async () => {
    const api = await start({}, { store: memoryRevocationStore() })
    const path = `${WELL_KNOWN}/notes`
    expect((await request(api.url).get(path)).status).toBe(200)
    const bad = request(api.url).get(path).set('Authorization', 'Bearer bad')
    expect((await bad).status).toBe(200)
  })
})

describe('RFC 9728 §2: what the document says', () => {
  it('is made from the guard, without what is not there (9728-06, 9728-09, 9728-11)', async () => {
    expect(await documentOf({})).toEqual({
      resource: RESOURCE,
      authorization_servers: [issuer.issuer],
      bearer_methods_supported: ['header'],
    })
  })

  it('names each issuer by its first spelling, and none that are not known in advance (9728-06, 9728-09)', async () => {
    const spelt = { issuer: [['https://a.test', 'https://a.test/'], ['https://b.test']] }
    expect(await documentOf({}, spelt)).toMatchObject({
      authorization_servers: ['https://a.test', 'https://b.test'],
    })
    const given = { authorizationServers: ['https://c.test'] }
    expect(await documentOf(given, spelt)).toMatchObject({
      authorization_servers: ['https://c.test'],
    })
  })

  it('names scopes by name or by the guards that ask for them, each once (9728-10)', async () => {
    const canRead = requireScope('notes:read')
    const canEdit = requireAnyScope(['notes:read notes:write', 'admin'])
    expect(await documentOf({ scopes: [canRead, canEdit, 'profile email'] })).toMatchObject({
      scopes_supported: ['notes:read', 'notes:write', 'admin', 'profile', 'email'],
    })
  })

  it('tells people about the API, in several languages (9728-13)', async () => {
    const document = await documentOf({
      name: { en: 'Notes', it: 'Note' },
      documentation: 'https://api.test/docs',
      policyUri: 'https://api.test/policy',
      tosUri: { en: 'https://api.test/tos' },
    })
    expect(document).toMatchObject({
      'resource_name#en': 'Notes',
      'resource_name#it': 'Note',
      resource_documentation: 'https://api.test/docs',
      resource_policy_uri: 'https://api.test/policy',
      'resource_tos_uri#en': 'https://api.test/tos',
    })
    expect(await documentOf({ name: 'Notes' })).toMatchObject({ resource_name: 'Notes' })
  })

  it('tells how tokens are bound, and types of authorization details (9728-14, 9396-09)', async () => {
    const api = await startApi(issuer)
    apis.push(api)
    const guard = withProtection(
      { ready: () => api.guard.ready(), status: () => api.guard.status() },
      {
        ...protectionOf(api.guard)!,
        dpop: { algorithms: ['ES256'], required: true },
        mtls: true,
      },
    )
    const metadata = protectedResourceMetadata(guard, {
      resource: RESOURCE,
      authorizationDetailsTypes: ['payment'],
    })
    const response = metadata.respond(new Request(metadata.url))
    expect(await response?.json()).toMatchObject({
      dpop_signing_alg_values_supported: ['ES256'],
      dpop_bound_access_tokens_required: true,
      tls_client_certificate_bound_access_tokens: true,
      authorization_details_types_supported: ['payment'],
    })
  })

  it.each<[string, object]>([
    ['a scope that is none', { scopes: ['"'] }],
    ['scopes that are no list', { scopes: 'read' }],
    ['another middleware among the scopes', { scopes: [() => undefined] }],
    ['challengeScopes that are none', { challengeScopes: ['a"b'] }],
    ['documentation that is no URL', { documentation: 'docs' }],
    ['a policy that runs a script', { policyUri: 'javascript:alert(1)' }],
    ['issuers that are no names', { authorizationServers: [7] }],
    ['an empty name', { name: '' }],
    ['root in words', { root: 'yes' }],
    ['an unknown option', { resources: RESOURCE }],
  ])('refuses %s at construction', async (_name, options) => {
    await expect(start(options)).rejects.toThrow(/^protectedResourceMetadata: /)
  })

  it('refuses what is no guard over tokens, and a second resource for one guard', async () => {
    const resource = RESOURCE
    expect(() => protectedResourceMetadata({} as never, { resource })).toThrow(/"bearer" must be/)
    const api = await start()
    expect(() => protectedResourceMetadata(api.guard, { resource })).toThrow(
      /make a guard for each resource/,
    )
  })
})

describe('RFC 9728 §5: challenges', () => {
  const url = `https://api.test${WELL_KNOWN}/notes`

  it('name the document, whatever is refused (9728-17)', async () => {
    const api = await start()
    const write = issuer.token({ scope: 'other' })
    for (const [authorization, status] of [
      [undefined, 401],
      ['Bearer "', 400],
      ['Bearer bad', 401],
      [`Bearer ${write}`, 403],
    ] as const) {
      const response = await api.authorized(authorization)
      expect(response.status).toBe(status)
      const challenge = bearerParameters(response.headers['www-authenticate'] ?? '')
      expect(challenge['resource_metadata']).toBe(url)
    }
  })

  it('name it before any metadata existed not at all, and for other schemes as well (9728-18)', async () => {
    const api = await startApi(issuer)
    apis.push(api)
    const before = await api.authorized()
    expect(before.headers['www-authenticate']).toBe('Bearer realm="api"')
    protectedResourceMetadata(api.guard, { resource: RESOURCE })
    const after = await api.authorized()
    expect(after.headers['www-authenticate']).toBe(`Bearer realm="api", resource_metadata="${url}"`)
    const { style } = protectionOf(api.guard)!.responder
    const error = new AuthError('no_credential', { reason: 'no_credential' })
    expect(challengesFor(error, { ...style, schemes: ['DPoP', 'Bearer'] })).toEqual([
      `DPoP realm="api", resource_metadata="${url}"`,
      `Bearer realm="api", resource_metadata="${url}"`,
    ])
  })

  it('name the scopes to ask for at first, in a 401 that needs no others (9728-17, 6750-13)', async () => {
    const api = await start({ challengeScopes: 'mcp profile' })
    for (const authorization of [undefined, 'Bearer bad']) {
      const { headers } = await api.authorized(authorization)
      expect(bearerParameters(headers['www-authenticate'] ?? '')['scope']).toBe('mcp profile')
    }
    const forbidden = await api.authorized(`Bearer ${issuer.token({ scope: 'x' })}`)
    expect(bearerParameters(forbidden.headers['www-authenticate'] ?? '')['scope']).toBe('read')
  })
})
