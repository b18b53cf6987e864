import { createServer as createTlsServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { fetchJson, type FetchedJson } from '../../../lib/net/fetch/fetch-json.js'
import type { NetworkOptions } from '../../../lib/net/network/network-options.js'
import { startConnectProxy, type ConnectProxy } from '../../../tools/connect-proxy.js'
import { CORP } from '../../../tools/corp-certificate.js'
import { running, type RunningServer } from '../../../tools/server.js'
import { until } from '../../../tools/until.js'
import { SELF_SIGNED } from '../../../tools/self-signed.js'
import { networkOf } from '../../support/network.js'

const GOOD = { good: true }

let proxy: ConnectProxy
let issuer: RunningServer
let url: URL
let requests: IncomingMessage['headers'][]

beforeEach(async () => {
  proxy = await startConnectProxy()
  requests = []
  issuer = await running(
    createTlsServer(CORP, (req: IncomingMessage, res: ServerResponse) => {
      requests.push(req.headers)
      res.end(JSON.stringify(GOOD))
    }),
  )
  url = new URL(`https://id.corp.example:${new URL(issuer.url).port}/jwks`)
})

afterEach(async () => {
  await Promise.all([proxy.close(), issuer.close()])
})

function fetched(
  network: NetworkOptions = { proxy: proxy.url, ca: CORP.cert },
  timeoutMs = 3000,
): Promise<FetchedJson> {
  const limits = { signal: AbortSignal.timeout(timeoutMs), maxBytes: 1000 }
  return fetchJson(url, { ...limits, network: networkOf([url], network) }, { etag: '"1"' })
}

describe('fetchJson through a proxy', () => {
  it('tunnels to the issuer, whose name the proxy resolves, and TLS ends there', async () => {
    expect(await fetched()).toMatchObject({ body: GOOD })
    expect(proxy.asked).toEqual([{ authority: url.host, credentials: undefined }])
    expect(requests[0]!['host']).toBe(url.host)
    expect(requests[0]!['proxy-authorization']).toBeUndefined()
  })

  it('shows its credentials to the proxy alone', async () => {
    const named = proxy.url.replace('http://', 'http://user:p%40ss@')
    await fetched({ proxy: named, ca: CORP.cert })
    expect(proxy.asked[0]!.credentials).toBe(`Basic ${btoa('user:p@ss')}`)
    expect(JSON.stringify(requests)).not.toMatch(/dXNlc/)
  })

  it('leaves no connection open, also where the issuer is not trusted', async () => {
    await fetched()
    await expect(fetched({ proxy: proxy.url })).rejects.toThrow(/SELF_SIGNED.*network: \{ ca \}/)
    await until(() => expect(proxy.open).toBe(0))
  })

  it('takes no certificate of another name', async () => {
    const other = await running(createTlsServer(SELF_SIGNED, (_req, res) => res.end('{}')))
    url = new URL(`https://id.corp.example:${new URL(other.url).port}/`)
    await expect(fetched({ proxy: proxy.url, ca: SELF_SIGNED.cert })).rejects.toThrow(/ALTNAME/)
    await other.close()
  })

  it.each([
    ['407', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', /CONNECT .* is 407/],
    ['304, which would pass for "your keys still hold"', 'HTTP/1.1 304 x\r\n\r\n', /is 304/],
    ['201', 'HTTP/1.1 201 x\r\n\r\n', /is 201/],
    ['200 with bytes behind it', 'HTTP/1.1 200 x\r\n\r\nHTTP/1.1 304 x\r\n\r\n', /is 200/],
    ['a head of 100 kB', `HTTP/1.1 200 x\r\nx: ${'x'.repeat(1e5)}\r\n\r\n`, /HPE_HEADER_OVERFLOW/],
    ['something other than HTTP', 'SSH-2.0-x\r\n', /HPE_/],
  ])('takes no answer of the proxy for one of the issuer: %s', async (_name, answer, message) => {
    proxy.answer = answer
    await expect(fetched()).rejects.toThrow(message)
    expect(requests).toEqual([])
    await until(() => expect(proxy.open).toBe(0))
  })

  it('gives a silent proxy up at the deadline, with its connection', async () => {
    proxy.answer = ''
    await expect(fetched(undefined, 200)).rejects.toThrow(/did not answer in time/)
    await until(() => expect(proxy.open).toBe(0))
  })

  it('never shows the credentials of a proxy that fails', async () => {
    const dead = 'http://user:hunter2@127.0.0.1:1'
    const failing = fetched({ proxy: dead, ca: CORP.cert })
    await expect(failing).rejects.toThrow(/The proxy http:\/\/127\.0\.0\.1:1\/.*ECONNREFUSED/)
    await expect(failing).rejects.not.toThrow(/hunter2/)
  })

  it.each(['http://169.254.169.254:3128', 'http://[::ffff:169.254.169.254]', 'http://0.0.0.0:1'])(
    'is never at a forbidden address: %s',
    async (address) => {
      await expect(fetched({ proxy: address })).rejects.toThrow(/metadata service/)
    },
  )

  it('never asks a proxy for a forbidden address', async () => {
    url = new URL('https://169.254.169.254/latest')
    await expect(fetched()).rejects.toThrow(/metadata service/)
    expect(proxy.asked).toEqual([])
  })
})

describe('the proxy of the environment', () => {
  const NAMES = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'] as const
  const before = { ...process.env }
  beforeEach(() => {
    for (const name of NAMES) delete process.env[name]
  })
  afterEach(() => {
    for (const name of NAMES) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  })

  it.each(['HTTPS_PROXY', 'https_proxy'])('is used where %s is set', async (name) => {
    process.env[name] = proxy.url
    expect(await fetched({ ca: CORP.cert })).toMatchObject({ body: GOOD })
    expect(proxy.asked).toHaveLength(1)
  })

  it.each<[string, () => NetworkOptions]>([
    ['NO_PROXY names the host', () => ((process.env['NO_PROXY'] = '.corp.example'), {})],
    ['proxy is false', () => ({ proxy: false })],
    ['the host may be this machine', () => ({ allowLoopback: ['id.corp.example'] })],
  ])('is not where %s', async (_name, network) => {
    process.env['HTTPS_PROXY'] = proxy.url
    await expect(fetched({ ca: CORP.cert, ...network() })).rejects.toThrow(/id\.corp\.example/)
    expect(proxy.asked).toEqual([])
  })
})
