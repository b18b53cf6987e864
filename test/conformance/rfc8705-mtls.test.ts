import { X509Certificate, createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, request as ask } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  clientCertHeader,
  memoryReplayStore,
  protectedResourceMetadata,
  requireBearer,
  type AuthEvent,
  type MtlsOptions,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { ANN, BOB, SELF, type ClientCertificate } from '../../tools/client-certificates.js'
import { createDpopClient } from '../../tools/dpop-client.js'
import { SELF_SIGNED } from '../../tools/self-signed.js'
import { serve } from '../../tools/server.js'

const issuer = createTestIssuer()
let events: AuthEvent[]

const derOf = ({ cert }: ClientCertificate): Buffer => Buffer.from(new X509Certificate(cert).raw)
const hash = (der: Buffer, alg = 'sha256', as: 'base64url' | 'hex' = 'base64url'): string =>
  createHash(alg).update(der).digest(as)
const boundTo = (client: ClientCertificate): string =>
  issuer.token({ cnf: { 'x5t#S256': hash(derOf(client)) } })

function app(mtls: MtlsOptions, more: object = {}): express.Express {
  events = []
  const made = express()
  const onEvent = (event: AuthEvent): void => void events.push(event)
  made.use(requireBearer({ ...issuer.options, mtls, onEvent, ...more }))
  made.get('/r', (_req, res) => void res.json({}))
  return made
}

const reason = (): unknown => {
  const refusal = events.findLast(({ name }) => name === 'request.refused')
  return refusal?.name === 'request.refused' ? refusal.reason : undefined
}

describe('RFC 8705: certificates of TLS connections', () => {
  let url: string
  let close: () => Promise<void>

  beforeAll(async () => {
    const options = { ...SELF_SIGNED, requestCert: true, rejectUnauthorized: false }
    const server = createServer(options, app({ certificate: 'tls' }))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/r`
    close = async () => {
      server.closeAllConnections()
      server.close()
    }
  })

  afterAll(() => close())

  async function get(
    token: string,
    client?: ClientCertificate,
    agent = agentOf(client),
  ): Promise<{ status: number; challenge: string; caching: string; reused: boolean }> {
    const asking = ask(url, { agent, headers: { authorization: `Bearer ${token}` } })
    asking.end()
    const [response] = (await once(asking, 'response')) as [import('node:http').IncomingMessage]
    response.resume()
    await once(response, 'end')
    return {
      status: response.statusCode ?? 0,
      challenge: response.headers['www-authenticate'] ?? '',
      caching: response.headers['cache-control'] ?? '',
      reused: asking.reusedSocket,
    }
  }

  it.each([
    ['of a chain that nobody trusts', ANN],
    ['signed by itself (8705-07)', SELF],
  ])('takes a token with its certificate %s (8705-01, 8705-02, 8705-12)', async (_name, client) => {
    const { status, caching } = await get(boundTo(client), client)
    expect([status, caching]).toEqual([200, 'no-store'])
  })

  it('refuses another certificate, or none (8705-02, 8705-03, 8705-04, 8705-08)', async () => {
    const token = boundTo(ANN)
    for (const client of [BOB, undefined]) {
      const { status, challenge } = await get(token, client)
      expect([status, reason()]).toEqual([401, 'wrong_certificate'])
      expect(challenge).toContain('Bearer realm="api", error="invalid_token"')
    }
    expect((await get(token, ANN)).status).toBe(200)
  })

  it('judges each request of a connection, and resumed sessions (8705-09)', async () => {
    const agent = agentOf(ANN)
    expect((await get(boundTo(ANN), ANN, agent)).status).toBe(200)
    const again = await get(boundTo(BOB), ANN, agent)
    expect([again.status, again.reused]).toEqual([401, true])
    expect((await get(boundTo(ANN), ANN, agent)).status).toBe(200)
    agent.destroy()
    const resumed = agent
    expect((await get(boundTo(ANN), ANN, resumed)).status).toBe(200)
    expect((await get(boundTo(BOB), ANN, resumed)).status).toBe(401)
    resumed.destroy()
  })

  it.each([
    ['padded', () => `${hash(derOf(ANN))}=`],
    ['in hex', () => hash(derOf(ANN), 'sha256', 'hex')],
    ['by SHA-1', () => hash(derOf(ANN), 'sha1')],
    ['of the key', () => hash(Buffer.from(ANN.key))],
  ])('refuses a thumbprint %s (8705-05)', async (_name, thumbprint) => {
    const token = issuer.token({ cnf: { 'x5t#S256': thumbprint() } })
    expect((await get(token, ANN)).status).toBe(401)
  })

  it('takes plain tokens unless the mode is require (8705-15)', async () => {
    expect((await get(issuer.token(), ANN)).status).toBe(200)
    const server = await serve(app({ certificate: 'tls', mode: 'require' }))
    await issuer.authed(request(server.url).get('/r')).expect(401)
    expect(reason()).toBe('unbound_token')
    await server.close()
  })
})

const encode = (client: ClientCertificate): string => `:${derOf(client).toString('base64')}:`
const escaped = ({ cert }: ClientCertificate): string =>
  encodeURIComponent(new X509Certificate(cert).toString())

const agentOf = (client?: ClientCertificate): Agent =>
  new Agent({ rejectUnauthorized: false, keepAlive: true, maxCachedSessions: 5, ...client })

async function answer(
  headers: Record<string, string>,
  options: Partial<Parameters<typeof clientCertHeader>[0]> = {},
): Promise<unknown> {
  const certificate = clientCertHeader({ trustedProxies: ['127.0.0.0/8', '::1'], ...options })
  const server = await serve(app({ certificate }))
  const response = await request(server.url)
    .get('/r')
    .set({ authorization: `Bearer ${boundTo(ANN)}`, ...headers })
  await server.close()
  return response.status === 200 ? 200 : [response.status, reason()]
}

describe('RFC 9440: certificates in a header of a proxy', () => {
  it('takes the certificate from a named proxy (8705-10, 8705-11)', async () => {
    expect(await answer({ 'client-cert': encode(ANN) })).toBe(200)
    expect(await answer({ 'client-cert': encode(BOB) })).toEqual([401, 'wrong_certificate'])
    expect(await answer({})).toEqual([401, 'wrong_certificate'])
  })

  it.each([[['10.0.0.0/8']], [['127.0.0.2']], [['::2']]])(
    'refuses the header from anybody but %j, and says so (8705-10, 9700-07)',
    async (trustedProxies) => {
      const verdict = await answer({ 'client-cert': encode(ANN) }, { trustedProxies })
      expect(verdict).toEqual([401, 'untrusted_certificate_header'])
      const forwarded = { 'client-cert': encode(ANN), 'x-forwarded-for': '10.0.0.1' }
      expect(await answer(forwarded, { trustedProxies })).toEqual([
        401,
        'untrusted_certificate_header',
      ])
    },
  )

  it.each([
    ['without colons', () => derOf(ANN).toString('base64')],
    ['as PEM', () => escaped(ANN)],
    ['twice', () => `${encode(ANN)}, ${encode(ANN)}`],
    [
      'with a byte behind it',
      () => `:${Buffer.concat([derOf(ANN), Buffer.from([0])]).toString('base64')}:`,
    ],
    ['that is none', () => ':AAAA:'],
    ['that is empty', () => '::'],
  ])('refuses a certificate %s (8705-11)', async (_name, value) => {
    expect(await answer({ 'client-cert': value() })).toEqual([401, 'wrong_certificate'])
  })

  it('reads URL-encoded PEM of another header where it is told to (8705-11)', async () => {
    const options = { header: 'X-SSL-Client-Cert', format: 'pem' } as const
    expect(await answer({ 'x-ssl-client-cert': escaped(ANN) }, options)).toBe(200)
    expect(await answer({ 'client-cert': encode(ANN) }, options)).toEqual([
      401,
      'wrong_certificate',
    ])
    for (const bad of [encode(ANN), '%', escaped(ANN) + escaped(BOB), 'x']) {
      expect(await answer({ 'x-ssl-client-cert': bad }, options)).toEqual([
        401,
        'wrong_certificate',
      ])
    }
  })

  it.each([
    [{}, /"trustedProxies" must/],
    [{ trustedProxies: [] }, /"trustedProxies" must/],
    [{ trustedProxies: ['proxy.example'] }, /hold addresses and networks/],
    [{ trustedProxies: ['10.0.0.0/33'] }, /hold addresses and networks/],
    [{ trustedProxies: ['0.0.0.0/0'] }, /hold addresses and networks/],
    [{ trustedProxies: ['10.0.0.1'], header: 'a b' }, /"header" must/],
    [{ trustedProxies: ['10.0.0.1'], format: 'der' }, /"format" must/],
  ])('refuses %j at construction', (options, message) => {
    expect(() => clientCertHeader(options as never)).toThrow(message)
  })
})

describe('RFC 8705: certificates beside other standards', () => {
  const trusted = clientCertHeader({ trustedProxies: ['127.0.0.0/8', '::1'] })

  it('binds an opaque token by what its issuer says of it (8705-06, 7662-17)', async () => {
    const own = createTestIssuer()
    await own.listen()
    const token = own.opaqueToken({ cnf: { 'x5t#S256': hash(derOf(ANN)) } })
    const { introspection } = own
    const made = app({ certificate: trusted }, { ...own.options, introspection })
    const server = await serve(made)
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await request(server.url).get('/r').auth(token, { type: 'bearer' }).set(headers)).status
    expect(await status({ 'client-cert': encode(ANN) })).toBe(200)
    expect(await status({ 'client-cert': encode(BOB) })).toBe(401)
    expect(await status({})).toBe(401)
    expect(await status({ 'client-cert': encode(ANN) })).toBe(200)
    await server.close()
  })

  it('is told in the metadata of the resource (8705-14)', async () => {
    const guard = requireBearer({ ...issuer.options, mtls: { certificate: trusted } })
    const resource = 'https://api.example.com'
    const metadata = protectedResourceMetadata(guard, { resource })
    expect(await metadata.respond(new Request(metadata.url))?.json()).toMatchObject({
      tls_client_certificate_bound_access_tokens: true,
    })
    guard.close()
  })
})

describe('RFC 7800: a token bound to a key and to a certificate', () => {
  it('needs both proofs (7800-03)', async () => {
    const origin = 'https://api.example.com'
    const client = await createDpopClient({ url: `${origin}/r`, clock: () => Date.now() / 1000 })
    const dpop = { replay: memoryReplayStore() }
    const certificate = clientCertHeader({ trustedProxies: ['127.0.0.1'] })
    const server = await serve(app({ certificate }, { origin, dpop }))
    const cnf = { ...client.confirmation, 'x5t#S256': hash(derOf(ANN)) }
    const token = issuer.token({ cnf })
    const status = async (scheme: string, headers: Record<string, string>): Promise<number> => {
      const asked = request(server.url).get('/r').set('Authorization', `${scheme} ${token}`)
      return (await asked.set(headers)).status
    }
    const good = { dpop: await client.proof(token), 'client-cert': encode(ANN) }
    expect(await status('DPoP', { dpop: good.dpop })).toBe(401)
    expect(await status('DPoP', { ...good, 'client-cert': encode(BOB) })).toBe(401)
    expect(await status('Bearer', { 'client-cert': good['client-cert'] })).toBe(401)
    expect(await status('DPoP', good)).toBe(200)
    await server.close()
  })
})
