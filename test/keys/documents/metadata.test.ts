import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FetchError } from '../../../lib/net/fetch-error.js'
import {
  discover,
  wellKnownUrls,
  type IssuerMetadata,
} from '../../../lib/keys/documents/metadata.js'
import { documentsBy } from '../../../lib/keys/documents/documents.js'
import { networkOf } from '../../support/network.js'
import { serveDocuments, type DocumentServer } from '../../support/documents.js'

const OAUTH = '/.well-known/oauth-authorization-server'
const OPENID = '/.well-known/openid-configuration'

let server: DocumentServer

beforeEach(async () => {
  server = await serveDocuments()
})

afterEach(() => server.close())

/** Discovers `issuer`, as a requireBearer that was given nothing else does. */
function discovered(issuer = server.url, signal?: AbortSignal): Promise<IssuerMetadata> {
  return discover(
    { discoveryUrls: wellKnownUrls(issuer), issuers: [issuer], allowTemplate: false },
    documentsBy(networkOf([server.url]), 65_536),
    signal ?? AbortSignal.timeout(3000),
  )
}

async function failure(issuer?: string): Promise<FetchError> {
  return discovered(issuer).then(
    () => Promise.reject(new Error('It was discovered')),
    (error: unknown) => error as FetchError,
  )
}

function metadata(issuer = server.url, more: object = {}): object {
  return { issuer, jwks_uri: `${server.url}/jwks`, ...more }
}

describe('wellKnownUrls', () => {
  it.each([
    ['https://h.test', [`https://h.test${OAUTH}`, `https://h.test${OPENID}`]],
    ['https://h.test/', [`https://h.test${OAUTH}`, `https://h.test${OPENID}`]],
    [
      'https://h.test/t1/',
      [`https://h.test${OAUTH}/t1`, `https://h.test${OPENID}/t1`, `https://h.test/t1${OPENID}`],
    ],
    [
      'https://h.test:8443/a/b',
      [
        `https://h.test:8443${OAUTH}/a/b`,
        `https://h.test:8443${OPENID}/a/b`,
        `https://h.test:8443/a/b${OPENID}`,
      ],
    ],
  ])('of %s (8414-02, 8414-07, DISC-01, 9700-09)', (issuer, expected) => {
    expect(wellKnownUrls(issuer).map(String)).toEqual(expected)
  })
})

describe('discover: the forms of the address', () => {
  it('asks all of them at once, so that a silent one costs nothing (8414-03, 8414-12)', async () => {
    server.documents = { [OAUTH]: () => undefined, [OPENID]: metadata() }
    const { jwksUri } = await discovered()
    expect(jwksUri.href).toBe(`${server.url}/jwks`)
    expect(server.requests.toSorted()).toEqual([`GET ${OAUTH}`, `GET ${OPENID}`])
  })

  it('leaves no request behind once one has answered well', async () => {
    let arrive: (req: IncomingMessage) => void
    const arrived = new Promise<IncomingMessage>((resolve) => (arrive = resolve))
    const left = arrived.then((req) => new Promise((resolve) => req.on('close', resolve)))
    server.documents = {
      [OAUTH]: (req: IncomingMessage) => arrive(req),
      [OPENID]: (_req: unknown, res: ServerResponse) =>
        void arrived.then(() => res.writeHead(200, JSON_TYPE).end(JSON.stringify(metadata()))),
    }
    await discovered()
    await expect(left).resolves.toBeUndefined()
  })

  it('finds an issuer with a path that serves only the appended form (8414-07, DISC-01)', async () => {
    const issuer = `${server.url}/t1`
    server.documents = { [`/t1${OPENID}`]: metadata(issuer) }
    await discovered(issuer)
    expect(server.requests).toContain(`GET /t1${OPENID}`)
  })

  it('keeps the slash that an issuer ends with (DISC-01, DISC-02)', async () => {
    server.documents = { [OPENID]: metadata(`${server.url}/`) }
    await discovered(`${server.url}/`)
    expect((await failure(server.url)).message).toMatch(/expected exactly/)
  })

  it('reports the most telling failure, not the last 404', async () => {
    server.documents = {
      [OAUTH]: (_req: unknown, res: ServerResponse) => void res.writeHead(500).end(),
    }
    expect(await failure()).toMatchObject({ status: 500 })
    expect(server.requests).toHaveLength(2)
  })

  it('reports the document that came and is wrong before a form that a firewall refuses', async () => {
    server.documents = {
      [OAUTH]: (_req: IncomingMessage, res: ServerResponse) => {
        res.statusCode = 403
        res.end()
      },
      [OPENID]: metadata(`${server.url}/`),
    }
    const { message } = await failure()
    expect(message).toContain(`The metadata names "${server.url}/", expected exactly`)
    expect(message).toContain(`Asked as well, in vain: ${server.url}${OAUTH}`)
  })

  it('names all that were asked in vain, and the way out where there is none', async () => {
    const { message } = await failure()
    expect(message).toBe(
      `${server.url}${OAUTH}: The answer is 404. Asked as well, in vain: ${server.url}${OPENID}. Where the issuer has no metadata, give "jwksUri"`,
    )
  })

  it('fails at the deadline where all are silent', async () => {
    server.documents = { [OAUTH]: () => undefined, [OPENID]: () => undefined }
    await expect(discovered(server.url, AbortSignal.timeout(100))).rejects.toThrow(/in time/)
  })
})

describe('discover: the issuer', () => {
  it('is told in the log where it is another, but not at any length', async () => {
    const named = `https://${'x'.repeat(1000)}.test`
    server.documents = { [OAUTH]: metadata(undefined, { issuer: named }) }
    const { message } = await failure()
    expect(message).toContain(`names "${named.slice(0, 200)}", expected`)
    server.documents = { [OAUTH]: metadata(undefined, { issuer: undefined }) }
    expect((await failure()).message).toContain('names no issuer, expected')
  })

  it('may have several spellings, one of which is named', async () => {
    const issuers = ['https://a.test', server.url, 'https://b.test']
    const target = { discoveryUrls: wellKnownUrls(server.url), issuers, allowTemplate: false }
    const documents = documentsBy(networkOf([server.url]), 65_536)
    const signal = AbortSignal.timeout(3000)
    server.documents = { [OAUTH]: metadata() }
    expect((await discover(target, documents, signal)).jwksUri.href).toBe(`${server.url}/jwks`)
    server.documents = { [OAUTH]: metadata('https://c.test') }
    await expect(discover(target, documents, signal)).rejects.toThrow(
      `expected exactly "https://a.test" or "${server.url}" or "https://b.test"`,
    )
  })

  it.each([
    ['a slash more', (url: string) => `${url}/`],
    ['another case', (url: string) => url.toUpperCase()],
    ['another host', (url: string) => url.replace('127.0.0.1', 'localhost')],
    ['a path', (url: string) => `${url}/t1`],
    ['white space', (url: string) => ` ${url}`],
    ['a list', (url: string) => [url]],
    ['nothing', () => undefined],
  ])(
    'that differs by %s is not used for anything (8414-05, DISC-02, DISC-05)',
    async (_, change) => {
      server.documents = { [OAUTH]: metadata(undefined, { issuer: change(server.url) }) }
      expect((await failure()).message).toMatch(`expected exactly "${server.url}"`)
    },
  )

  it('is named on both sides, so that the cause can be seen (8414-05)', async () => {
    server.documents = { [OAUTH]: metadata('https://other.test') }
    const { message } = await failure()
    expect(message).toContain('"https://other.test"')
    expect(message).toContain(JSON.stringify(server.url))
    expect(message).toContain(OAUTH)
  })

  it('is compared without normalisation (8414-06)', async () => {
    const composed = `${server.url}/caf\u00e9`
    server.documents = { [`${OAUTH}/caf%C3%A9`]: metadata(`${server.url}/cafe\u0301`) }
    expect((await failure(composed)).message).toMatch(/expected exactly/)
    server.documents = { [`${OAUTH}/caf%C3%A9`]: metadata(composed) }
    await discovered(composed)
  })

  it('may be the template of all tenants only at a URL the app gave', async () => {
    const tenant = `${server.url}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`
    server.documents = { '/common': metadata(`${server.url}/{tenantid}/v2.0`) }
    const discoverBy = (allowTemplate: boolean): Promise<IssuerMetadata> =>
      discover(
        { discoveryUrls: [new URL(`${server.url}/common`)], issuers: [tenant], allowTemplate },
        documentsBy(networkOf([server.url]), 65_536),
        AbortSignal.timeout(3000),
      )
    await discoverBy(true)
    await expect(discoverBy(false)).rejects.toThrow(/expected exactly/)
  })
})

describe('discover: what it refuses', () => {
  it.each<[string, (res: ServerResponse, body: string) => void, RegExp]>([
    [
      'a redirect, even to a good document',
      (res) => res.writeHead(302, { Location: '/good' }).end(),
      /answer is 302/,
    ],
    ['204', (res) => res.writeHead(204).end(), /answer is 204/],
    ['201', (res, body) => res.writeHead(201, JSON_TYPE).end(body), /answer is 201/],
    ['304 without having asked for it', (res) => res.writeHead(304).end(), /answer is 304/],
    ['text/html', (res, body) => res.writeHead(200, HTML_TYPE).end(body), /application\/json/],
    ['no content type', (res, body) => res.writeHead(200).end(body), /application\/json/],
    ['5 MB', (res) => res.writeHead(200, JSON_TYPE).end(' '.repeat(5e6)), /larger than 65536/],
    [
      'what announces 5 MB, before any of it has come',
      (res) => void res.writeHead(200, { ...JSON_TYPE, 'Content-Length': '5000000' }).write('{'),
      /larger than 65536/,
    ],
    ['a list', (res) => res.writeHead(200, JSON_TYPE).end('[]'), /not a metadata document/],
    ['null', (res) => res.writeHead(200, JSON_TYPE).end('null'), /not a metadata document/],
  ])('%s (8414-04)', async (_name, answer, reason) => {
    server.documents = {
      [OAUTH]: (_req: unknown, res: ServerResponse) => answer(res, JSON.stringify(metadata())),
      '/good': metadata(),
    }
    expect((await failure()).message).toMatch(reason)
    expect(server.requests).not.toContain('GET /good')
  })

  it.each([
    ['plain http (8414-09)', 'http://keys.example.com/jwks', /not https/],
    ['a metadata service (8725-20)', 'https://169.254.169.254/jwks', /metadata service/],
    ['a file (8725-20)', 'file:///etc/passwd', /not https/],
    ['a relative URL', '/jwks', /no jwks_uri/],
    ['a number', 7, /no jwks_uri/],
    ['a list', ['https://keys.example.com/jwks'], /no jwks_uri/],
    ['nothing', undefined, /no jwks_uri/],
  ])('a jwks_uri that is %s', async (_name, jwksUri, reason) => {
    server.documents = { [OAUTH]: metadata(undefined, { jwks_uri: jwksUri }) }
    expect((await failure()).message).toMatch(reason)
  })

  it('a loopback address, unless the app named it (8725-20)', async () => {
    const target = {
      discoveryUrls: [new URL(`${server.url}${OAUTH}`)],
      issuers: [server.url],
      allowTemplate: false,
    }
    const documents = documentsBy(networkOf('https://id.example.com'), 65_536)
    const signal = AbortSignal.timeout(3000)
    await expect(discover(target, documents, signal)).rejects.toThrow(/this machine/)
    expect(server.requests).toEqual([])
  })
})

describe('discover: what it takes', () => {
  it.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.x+json'])(
    'the content type %s',
    async (type) => {
      server.documents = {
        [OAUTH]: (_req: unknown, res: ServerResponse) =>
          void res.writeHead(200, { 'Content-Type': type }).end(JSON.stringify(metadata())),
      }
      expect((await discovered()).jwksUri.href).toBe(`${server.url}/jwks`)
    },
  )

  it('unknown members, and signed_metadata that says otherwise: neither is read (8414-10, 8414-12)', async () => {
    const more = { signed_metadata: 'eyJhbGciOiJub25lIn0.e30.', __proto__x: 1, issuers: [] }
    server.documents = { [OAUTH]: metadata(undefined, more) }
    const { jwksUri } = await discovered()
    expect(jwksUri.href).toBe(`${server.url}/jwks`)
  })

  it('keys at another host: that is common', async () => {
    const jwksUri = 'https://www.googleapis.com/oauth2/v3/certs'
    server.documents = { [OAUTH]: metadata(undefined, { jwks_uri: jwksUri }) }
    expect((await discovered()).jwksUri.href).toBe(jwksUri)
  })
})

const JSON_TYPE = { 'Content-Type': 'application/json' }
const HTML_TYPE = { 'Content-Type': 'text/html' }
