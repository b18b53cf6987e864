import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { documentsBy, documentsByApp } from '../../../lib/keys/documents/documents.js'
import {
  discover,
  discoverDocument,
  urlIn,
  wellKnownUrls,
  type DiscoveryTarget,
} from '../../../lib/keys/documents/metadata.js'
import { serveDocuments, type DocumentServer } from '../../support/documents.js'
import { ELSEWHERE, networkOf } from '../../support/network.js'

const OAUTH = '/.well-known/oauth-authorization-server'
const OPENID = '/.well-known/openid-configuration'

let server: DocumentServer

beforeEach(async () => {
  server = await serveDocuments()
})

afterEach(() => server.close())

const documents = (): ReturnType<typeof documentsBy> => documentsBy(networkOf([server.url]), 65_536)
const soon = (): AbortSignal => AbortSignal.timeout(3000)

function target(discoveryUrls = wellKnownUrls(server.url)): DiscoveryTarget {
  return { discoveryUrls, issuers: [server.url], allowTemplate: false }
}

describe('discover: of what failed', () => {
  it('another failure is told before a 404, with when to come back', async () => {
    server.documents = {
      [OPENID]: (_req: unknown, res: ServerResponse) =>
        void res.writeHead(503, { 'Retry-After': '7' }).end(),
    }
    const message = `${server.url}${OPENID}: The answer is 503. Asked as well, in vain: ${server.url}${OAUTH}`
    await expect(discover(target(), documents(), soon())).rejects.toMatchObject({
      status: 503,
      retryAfterSeconds: 7,
      message,
    })
  })

  it('nothing is named beside the only one that was asked', async () => {
    const [url] = wellKnownUrls(server.url)
    await expect(discover(target([url!]), documents(), soon())).rejects.toMatchObject({
      message: `${url!.href}: The answer is 404`,
    })
  })

  it('there is nothing where there was nothing to ask', async () => {
    await expect(discover(target([]), documents(), soon())).rejects.toThrow(
      'There is no URL to discover the issuer by',
    )
  })
})

describe('discover, of documents that the app gives', () => {
  const issuer = 'https://id.test'
  const ofApp: DiscoveryTarget = {
    discoveryUrls: [new URL(`${issuer}/x`)],
    issuers: [issuer],
    allowTemplate: false,
  }
  const given = (body: unknown): ReturnType<typeof discover> =>
    discover(
      ofApp,
      documentsByApp(async () => body, ELSEWHERE, 1000),
      soon(),
    )

  it('takes a JWKS in the place of metadata: then this is its place', async () => {
    expect((await given({ keys: [] })).jwksUri.href).toBe(`${issuer}/x`)
  })

  it.each([{ keys: {} }, [], null, 7])('takes %j for neither', async (body) => {
    await expect(given(body)).rejects.toThrow(/metadata/)
  })

  it('takes a JWKS from nobody else', async () => {
    server.documents = { [OAUTH]: { keys: [] } }
    await expect(discover(target(), documents(), soon())).rejects.toThrow('names no issuer')
  })

  it('tells a fault of ours as it is', async () => {
    const fault = new RangeError('a fault')
    const broken = { ...documents(), fetch: () => Promise.reject(fault) }
    await expect(discover(ofApp, broken, soon())).rejects.toBe(fault)
  })
})

const about = (): ReturnType<typeof discoverDocument> =>
  discoverDocument(target(), documents(), soon())

describe('discoverDocument', () => {
  it('gives all that the document says, of an issuer without keys as well', async () => {
    const body = { issuer: server.url, introspection_endpoint: `${server.url}/introspect` }
    const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'max-age=60' }
    server.documents = {
      [OAUTH]: (_req: unknown, res: ServerResponse) =>
        void res.writeHead(200, headers).end(JSON.stringify(body)),
    }
    expect(await about()).toEqual({ members: body, maxAgeSeconds: 60 })
  })

  it.each<[string, object, RegExp]>([
    ['of another issuer', { issuer: 'https://other.test' }, /expected exactly/],
    ['that is no object', [], /not a metadata document/],
  ])('refuses one %s', async (_name, body, why) => {
    server.documents = { [OAUTH]: body }
    await expect(about()).rejects.toThrow(why)
  })

  it('refuses one that is no JSON by its type', async () => {
    server.documents = {
      [OAUTH]: (_req: unknown, res: ServerResponse) =>
        void res
          .writeHead(200, { 'Content-Type': 'text/html' })
          .end(JSON.stringify({ issuer: server.url })),
    }
    await expect(about()).rejects.toThrow(/application\/json/)
  })
})

describe('urlIn', () => {
  it('takes a URL of 2048 characters, and no longer one', () => {
    const longest = `https://id.test/${'a'.repeat(2032)}`
    expect(urlIn({ jwks_uri: longest }, 'jwks_uri', ELSEWHERE).href).toBe(longest)
    expect(() => urlIn({ jwks_uri: `${longest}a` }, 'jwks_uri', ELSEWHERE)).toThrow(
      'The metadata has no jwks_uri that is a URL of at most 2048 characters',
    )
  })

  it('names the member whose address is never asked for', () => {
    const members = { introspection_endpoint: 'http://id.test/' }
    expect(() => urlIn(members, 'introspection_endpoint', ELSEWHERE)).toThrow(
      /The introspection_endpoint .*not https/,
    )
  })
})
