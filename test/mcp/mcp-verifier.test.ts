import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  requireBearerAuth,
  type AuthInfo,
  type OAuthTokenVerifier,
} from '@modelcontextprotocol/server'
import express, { type RequestHandler } from 'express'
import request from 'supertest'
import { memoryRevocationStore } from '../../lib/index.js'
import { mcpVerifier, type McpVerifier } from '../../lib/mcp.js'
import { createTestIssuer, type TestClaims } from '../../lib/testing.js'
import { bearerParameters } from '../../tools/challenge.js'
import { freePort } from '../../lib/testing/free-port.js'
import { serve, type RunningServer } from '../../tools/server.js'

const RESOURCE = 'https://api.example.com/mcp'
const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource/mcp'
const revocations = memoryRevocationStore()
const issuer = createTestIssuer({ audience: RESOURCE })
/** The audience is the resource, unless it is given. */
const trusted = { ...issuer.options, resource: RESOURCE, audience: undefined }
let verifier: McpVerifier
let app: RunningServer

/** By name alone, because its types change `Request` of Express for all who see them. */
const SDK_FOR_EXPRESS: string = '@modelcontextprotocol/express'

beforeAll(async () => {
  verifier = mcpVerifier({ ...trusted, revocations, advice: false })
  const sdk = (await import(SDK_FOR_EXPRESS)) as {
    readonly requireBearerAuth: (options: object) => RequestHandler
  }
  const server = express()
  const options = { requiredScopes: ['mcp'], resourceMetadataUrl: METADATA }
  server.get('/', sdk.requireBearerAuth({ verifier, ...options }), (_req, res) => void res.end())
  const unreachable = mcpVerifier({
    resource: RESOURCE,
    issuer: issuer.issuer,
    jwksUri: `http://127.0.0.1:${await freePort()}/jwks`,
    advice: false,
  })
  server.get('/down', sdk.requireBearerAuth({ verifier: unreachable, ...options }))
  app = await serve(server)
})

afterAll(async () => {
  verifier.close()
  await app.close()
})

const tokenFor = (claims: TestClaims = {}): string => issuer.token({ scope: 'mcp', ...claims })

/** In a host of fetch. */
async function gate(token: string): Promise<AuthInfo | Response> {
  const guard = requireBearerAuth({
    verifier,
    requiredScopes: ['mcp'],
    resourceMetadataUrl: METADATA,
    expectedResource: new URL(RESOURCE),
  })
  return guard(new Request(RESOURCE, { headers: { authorization: `Bearer ${token}` } }))
}

describe('mcpVerifier', () => {
  it('is a verifier of the SDK', async () => {
    const theirs: OAuthTokenVerifier = verifier
    expect(await theirs.verifyAccessToken(tokenFor())).toMatchObject({
      token: '',
      clientId: 'client-1',
      scopes: ['mcp'],
      resource: new URL(RESOURCE),
      extra: { subject: 'user-1', issuer: issuer.issuer },
    })
  })

  it('lets a good token pass in Express and in hosts of fetch', async () => {
    const token = tokenFor()
    const response = await request(app.url).get('/').set('authorization', `Bearer ${token}`)
    expect(response.status).toBe(200)
    expect(await gate(token)).toMatchObject({ scopes: ['mcp'], resourceMetadataUrl: METADATA })
  })

  it.each<[string, TestClaims]>([
    ['expired', { exp: 1_700_000_000 }],
    ['for another server', { aud: 'https://other.example' }],
    ['revoked', { jti: 'revoked' }],
    ['bound to a key', { cnf: { jkt: 'x' } }],
  ])('lets the SDK answer 401 to a token that is %s', async (_what, claims) => {
    await revocations.revokeToken({
      issuer: issuer.issuer,
      tokenId: 'revoked',
      expiresAt: Date.now() / 1000 + 300,
    })
    const token = tokenFor(claims)
    const response = await request(app.url).get('/').set('authorization', `Bearer ${token}`)
    expect(response.status).toBe(401)
    expect(bearerParameters(response.headers['www-authenticate'] ?? '')).toMatchObject({
      error: 'invalid_token',
      resource_metadata: METADATA,
    })
    expect(((await gate(token)) as Response).status).toBe(401)
  })

  it('is never answered by 401 while the keys cannot be had', async () => {
    const token = tokenFor()
    const response = await request(app.url).get('/down').set('authorization', `Bearer ${token}`)
    expect(response.status).toBe(500)
    expect(response.headers['www-authenticate']).toBeUndefined()
  })

  it('hands the token on only where it is told to', async () => {
    const exposing = mcpVerifier({ ...trusted, exposeToken: true })
    const token = tokenFor()
    expect(await exposing.verifyAccessToken(token)).toMatchObject({ token })
    exposing.close()
  })

  it.each<[string, object]>([
    ['mcpVerifier: "resource" must be', { resource: 'no URL' }],
    ['unknown option "tools"', { tools: {} }],
  ])('does not start: %s', (complaint, more) => {
    const options = { resource: RESOURCE, issuer: 'https://id.example.com', ...more }
    expect(() => mcpVerifier(options)).toThrow(complaint)
  })
})
