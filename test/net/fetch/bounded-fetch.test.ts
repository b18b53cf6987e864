import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { FetchError } from '../../../lib/net/fetch-error.js'
import { boundedFetch, expiry, type BoundedRequest } from '../../../lib/net/fetch/bounded-fetch.js'
import { readText } from '../../../lib/net/fetch/response-text.js'
import type { ResolveAll } from '../../../lib/net/network/address-guard.js'
import type { Network } from '../../../lib/net/network/network.js'
import type { NetworkOptions } from '../../../lib/net/network/network-options.js'
import { USER_AGENT } from '../../../lib/net/user-agent.js'
import { ANN } from '../../../tools/client-certificates.js'
import { CORP } from '../../../tools/corp-certificate.js'
import { startConnectProxy, type ConnectProxy } from '../../../tools/connect-proxy.js'
import { SELF_SIGNED } from '../../../tools/self-signed.js'
import { running, type RunningServer } from '../../../tools/server.js'
import { until } from '../../../tools/until.js'
import { serveDocuments, type DocumentServer } from '../../support/documents.js'
import { networkOf } from '../../support/network.js'

const PATH = '/thing'

let server: DocumentServer
let url: URL
let answer: (req: IncomingMessage, res: ServerResponse) => unknown

beforeEach(async () => {
  answer = (_req, res) => res.end('hello')
  server = await serveDocuments()
  server.documents = {
    [PATH]: (req: IncomingMessage, res: ServerResponse) => void answer(req, res),
  }
  url = new URL(server.url + PATH)
})

afterEach(() => server.close())

function fetched<T = string>(
  request: BoundedRequest = {},
  {
    network = {},
    signal = AbortSignal.timeout(3000),
    read = (response: IncomingMessage) => readText(response, 99) as Promise<T>,
  }: {
    readonly network?: NetworkOptions
    readonly signal?: AbortSignal
    readonly read?: (response: IncomingMessage) => T | Promise<T>
  } = {},
): Promise<T> {
  return boundedFetch(
    url,
    request,
    { signal, maxBytes: 99, network: networkOf([url], network) },
    read,
  )
}

describe('boundedFetch', () => {
  it('asks by GET, says its name, and wants neither compression nor a second request', async () => {
    expect(await fetched()).toBe('hello')
    expect(server.requests).toEqual([`GET ${PATH}`])
    expect(server.headers[0]).toEqual({
      'user-agent': USER_AGENT,
      'accept-encoding': 'identity',
      connection: 'close',
      host: url.host,
    })
  })

  it('sends a method, headers and a body, once each, whatever the case of their names', async () => {
    answer = (req, res) => void req.pipe(res)
    const headers = { 'X-One': '1', 'User-Agent': 'theirs', 'Accept-Encoding': 'gzip' }
    const network = { headers: { 'x-ONE': '2', 'X-Two': '3' } }
    expect(await fetched({ method: 'POST', headers, body: 'sent' }, { network })).toBe('sent')
    expect(server.requests).toEqual([`POST ${PATH}`])
    expect(server.headers[0]).toMatchObject({
      'x-one': '2',
      'x-two': '3',
      'user-agent': 'theirs',
      'accept-encoding': 'identity',
    })
  })

  it('follows no redirect: the caller is shown it', async () => {
    answer = (_req, res) => res.writeHead(302, { Location: `${PATH}/elsewhere` }).end()
    expect(await fetched({}, { read: ({ statusCode }) => statusCode })).toBe(302)
    expect(server.requests).toHaveLength(1)
  })

  it.each<[string, () => unknown]>([
    ['an error of its own kind', () => Promise.reject(new FetchError('too odd'))],
    [
      'any other',
      () => {
        throw new TypeError('too odd')
      },
    ],
  ])('names the place in what the reader throws: %s', async (_name, read) => {
    const failing = fetched({}, { read })
    await expect(failing).rejects.toMatchObject({ name: 'FetchError' })
    await expect(failing).rejects.toThrow(url.href)
  })

  it('tells of a connection that closes without an answer', async () => {
    const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'
    answer = (req) => req.socket.write(head)
    await expect(fetched()).rejects.toThrow(/: The connection closed without an answer$/)
  })

  it.each([
    ['a head', 16_000, /^hello$/],
    ['a longer one', 17_000, /HPE_HEADER_OVERFLOW/],
  ])('bounds %s of %i bytes', async (_name, length, expected) => {
    answer = (_req, res) => res.setHeader('x-long', 'x'.repeat(length)).end('hello')
    expect(await fetched().catch(String)).toMatch(expected)
  })

  it('closes the connection as soon as the reader has enough', async () => {
    const closed = new Promise((resolve) => {
      answer = (_req, res) => void res.on('close', () => resolve(true)).write('never ends')
    })
    expect(await fetched({}, { read: () => 'enough' })).toBe('enough')
    expect(await closed).toBe(true)
  })

  it.each<[string, (aborting: AbortController) => Partial<BoundedRequest>]>([
    [
      'silence',
      (aborting) => {
        answer = () => aborting.abort()
        return {}
      },
    ],
    [
      'a body that does not end',
      (aborting) => {
        answer = (_req, res) => void res.write('hel', () => aborting.abort())
        return {}
      },
    ],
  ])('ends with its deadline: %s', async (_name, begin) => {
    const aborting = new AbortController()
    const request = begin(aborting)
    const failing = fetched(request, { signal: aborting.signal })
    await expect(failing).rejects.toThrow(FetchError)
  })

  it('ends with its deadline though the reader does not', async () => {
    const aborting = new AbortController()
    const read = (): Promise<never> => {
      aborting.abort()
      return new Promise(() => undefined)
    }
    const failing = fetched({}, { signal: aborting.signal, read })
    await expect(failing).rejects.toThrow(`${url.href} did not answer in time`)
  })

  it('asks no place that is forbidden, not even for an address', async () => {
    const network = networkOf(['https://id.test'])
    const limits = { signal: AbortSignal.timeout(3000), maxBytes: 99, network }
    await expect(boundedFetch(url, {}, limits, () => true)).rejects.toThrow(/this machine/)
    expect(server.requests).toEqual([])
  })
})

const readAll = (response: IncomingMessage): Promise<string> => readText(response, 99)

/** All names lead to this machine. */
const here: ResolveAll = (_name, _options, callback) => {
  callback(null, [{ address: '127.0.0.1', family: 4 }])
}

/** Says who asked, and by which name of the server (RFC 6066 §3: none where it is an address). */
function secureServer(certificate: typeof SELF_SIGNED): Promise<RunningServer> {
  const options = { ...certificate, requestCert: true, rejectUnauthorized: false }
  return running(
    createTlsServer(options, ({ socket }, res) => {
      const tls = socket as TLSSocket & { readonly servername?: string | false }
      res.end(`${subjectOf(tls)} asks ${tls.servername || 'an address'}`)
    }),
  )
}

describe.each([
  ['an address', '127.0.0.1', SELF_SIGNED],
  ['a name', 'id.corp.example', CORP],
])('boundedFetch over TLS, at %s', (at, host, certificate) => {
  const name = at === 'an address' ? at : host
  let secure: RunningServer
  let proxy: ConnectProxy

  beforeEach(async () => {
    secure = await secureServer(certificate)
    proxy = await startConnectProxy()
    url = new URL(`https://${host}:${secure.port}/`)
  })
  afterEach(() => Promise.all([secure.close(), proxy.close()]))

  const ways: readonly (readonly [string, () => Partial<Network>])[] = [
    ['directly', () => ({ resolve: here })],
    ['through a proxy', () => ({ proxy: new URL(proxy.url) })],
  ]

  function asked(way: Partial<Network>, more: NetworkOptions, request = {}): Promise<string> {
    const network = { ...networkOf([url], { allowLoopback: [host], ...more }), ...way }
    const limits = { signal: AbortSignal.timeout(3000), maxBytes: 99, network }
    return boundedFetch(url, request, limits, readAll)
  }

  it.each(ways)('shows its certificate in the handshake, %s', async (_name, way) => {
    const ca = { ca: certificate.cert }
    expect(await asked(way(), ca)).toBe(`nobody asks ${name}`)
    expect(await asked(way(), ca, { certificate: ANN })).toMatch(
      new RegExp(`^Ann.* asks ${name}$`, 'i'),
    )
  })

  it.each(ways)('trusts only the certificates of the option, %s', async (_name, way) => {
    await expect(asked(way(), {})).rejects.toThrow(/SELF_SIGNED_CERT.*network: \{ ca \}/)
  })

  it('leaves no connection to a proxy behind', async () => {
    await asked({ proxy: new URL(proxy.url) }, { ca: certificate.cert })
    expect(proxy.asked).toHaveLength(1)
    await until(() => expect(proxy.open).toBe(0))
  })
})

describe('boundedFetch of a name', () => {
  it('goes only to an address that the guard allows, whatever DNS says', async () => {
    url = new URL(url.href.replace('127.0.0.1', 'id.test'))
    const network = { ...networkOf([url], { dangerouslyAllowHttp: ['id.test'] }), resolve: here }
    const limits = { signal: AbortSignal.timeout(3000), maxBytes: 99, network }
    await expect(boundedFetch(url, {}, limits, readAll)).rejects.toThrow(/this machine/)
    const allowed = {
      ...network,
      ...networkOf([url], { allowLoopback: ['id.test'] }),
      resolve: here,
    }
    expect(await boundedFetch(url, {}, { ...limits, network: allowed }, readAll)).toBe('hello')
  })

  it('goes through a proxy over plain http too, where that is allowed', async () => {
    const proxy = await startConnectProxy()
    url = new URL(url.href.replace('127.0.0.1', 'id.test'))
    const network = { proxy: proxy.url, dangerouslyAllowHttp: ['id.test'] }
    expect(await fetched({}, { network })).toBe('hello')
    expect(proxy.asked).toEqual([{ authority: url.host, credentials: undefined }])
    await proxy.close()
  })
})

/** Node gives an empty object for a client without a certificate. */
function subjectOf(socket: TLSSocket): string {
  const certificate: PeerCertificate | object = socket.getPeerCertificate()
  return 'subject' in certificate ? String(certificate.subject.CN) : 'nobody'
}

describe('expiry', () => {
  it.each(['already', 'later'])('rejects where the deadline is over %s', async (when) => {
    const aborting = new AbortController()
    if (when === 'already') aborting.abort()
    const expired = expiry('It', aborting.signal)
    aborting.abort()
    await expect(expired).rejects.toThrow(new FetchError('It did not answer in time'))
  })
})
