import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { NetworkOptions } from '../../lib/index.js'
import { startApi } from '../../tools/api.js'
import { startConnectProxy } from '../../tools/connect-proxy.js'
import { CORP } from '../../tools/corp-certificate.js'
import { sendJson, startIssuer, type TestIssuer } from '../../tools/issuer.js'

/** An address of this machine that is not loopback, as a container has. */
const ADDRESS = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal, address }) => {
    return family === 'IPv4' && !internal && !address.startsWith('169.254.')
  })?.address

let issuer: TestIssuer
let requests: IncomingMessage[]
const servers: { close(): Promise<void> }[] = []

beforeEach(async () => {
  issuer = await startIssuer()
  requests = []
})

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
  await issuer.close()
})

/** The keys of `issuer`, and metadata that name `origin()`, with the `jwks_uri` in question. */
function documents(
  origin: () => string,
  jwksUri = (): string => `${origin()}/jwks`,
): RequestListener {
  return (req: IncomingMessage, res: ServerResponse) => {
    requests.push(req)
    if (req.url === '/jwks') return sendJson(res, { keys: issuer.keys })
    sendJson(res, { issuer: origin(), jwks_uri: jwksUri() })
  }
}

async function listening(server: Server, host: string): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  servers.push({
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
  return (server.address() as AddressInfo).port
}

async function statusFor(iss: string, network: NetworkOptions): Promise<number> {
  const api = await startApi(issuer, { issuer: iss, network })
  servers.push(api)
  return (await api.get(await issuer.token({ iss }))).status
}

;(ADDRESS === undefined ? describe.skip : describe)(
  'an issuer inside, by plain http (skipped where this machine has no address but loopback)',
  () => {
    it('serves where its host is listed', async () => {
      let origin = ''
      const port = await listening(createServer(documents(() => origin)), ADDRESS!)
      origin = `http://${ADDRESS}:${port}`
      expect(await statusFor(origin, { dangerouslyAllowHttp: [ADDRESS!] })).toBe(200)
    })

    it('is never asked for keys where only its metadata name that host', async () => {
      let origin = ''
      let inside = ''
      const here = createServer(
        documents(
          () => origin,
          () => inside,
        ),
      )
      origin = `http://localhost:${await listening(here, '127.0.0.1')}`
      const port = await listening(createServer(documents(() => inside)), ADDRESS!)
      inside = `http://${ADDRESS}:${port}/jwks`
      expect(await statusFor(origin, {})).toBe(503)
      expect(requests.map(({ url }) => url)).not.toContain('/jwks')
      expect(await statusFor(origin, { dangerouslyAllowHttp: [ADDRESS!] })).toBe(200)
    })
  },
)

describe('an issuer whose certificate is of a private CA, behind a proxy', () => {
  it.each([
    ['serves where both are named', 200, (proxy: string) => ({ proxy, ca: CORP.cert })],
    ['is an outage where the CA is not named', 503, (proxy: string) => ({ proxy })],
    [
      'is an outage where the proxy is not named',
      503,
      () => ({ proxy: false as const, ca: CORP.cert }),
    ],
  ] as const)('%s', async (_case, status, network) => {
    let origin = ''
    const port = await listening(
      createTlsServer(
        CORP,
        documents(() => origin),
      ),
      '127.0.0.1',
    )
    origin = `https://id.corp.example:${port}`
    const proxy = await startConnectProxy()
    servers.push(proxy)
    expect(await statusFor(origin, network(proxy.url))).toBe(status)
  })
})

describe('headers that an issuer wants', () => {
  it('are asked for at each request, as a mounted token is renewed', async () => {
    let origin = ''
    const port = await listening(createServer(documents(() => origin)), '127.0.0.1')
    origin = `http://127.0.0.1:${port}`
    let renewed = 0
    const headers = async () => ({ authorization: `Bearer token-${++renewed}` })
    expect(await statusFor(origin, { headers })).toBe(200)
    const sent = requests.map((req) => req.headers.authorization)
    expect(new Set(sent).size).toBe(requests.length)
    expect(sent.at(-1)).toMatch(/^Bearer token-\d$/)
    expect(requests[0]!.headers['user-agent']).toMatch(/^express-resource-server\/\d/)
  })
})
