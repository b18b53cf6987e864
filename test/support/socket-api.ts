import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach } from '@jest/globals'
import { WebSocket, WebSocketServer } from 'ws'
import {
  AuthError,
  authSignal,
  requireBearer,
  verifyUpgrade,
  type Auth,
  type AuthEvent,
  type BearerGuard,
  type BearerOptions,
  type Middleware,
} from '../../lib/index.js'
import { createTestIssuer, type TestIssuer } from '../../lib/testing.js'

export interface SocketApi {
  readonly url: string
  readonly port: number
  readonly bearer: BearerGuard
  readonly events: AuthEvent[]
  /** Of the latest handshake. */
  readonly last: { auth?: Auth; error?: unknown; req?: IncomingMessage }
}

export type Headers = Readonly<Record<string, string>>

/** Ends what a test has opened. */
const ends: (() => unknown)[] = []

export interface SocketTests {
  readonly issuer: TestIssuer
  start(guards?: readonly Middleware[], options?: BearerOptions): Promise<SocketApi>
  asHeader(claims?: object): Promise<Headers>
  asCookie(claims?: object): Promise<Headers>
}

/** An issuer for the tests of the file that this is called in. */
export function socketTests(): SocketTests {
  const issuer = createTestIssuer()
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end()
  })
  return {
    get issuer() {
      return issuer
    },
    start: (guards, options) => start(issuer, guards, options),
    asHeader: async (claims) => ({ authorization: `Bearer ${issuer.token({ ...claims })}` }),
    asCookie: async (claims) => ({ cookie: `__Host-token=${issuer.token({ ...claims })}` }),
  }
}

/** A server that opens a socket to whoever passes, and greets them by name. */
async function start(
  issuer: TestIssuer,
  guards: readonly Middleware[] = [],
  options: BearerOptions = {},
): Promise<SocketApi> {
  const events: AuthEvent[] = []
  const last: SocketApi['last'] = {}
  const bearer = requireBearer({
    ...issuer.options,
    onEvent: (event) => void events.push(event),
    ...options,
  })
  const upgrade = verifyUpgrade(bearer, ...guards)
  const sockets = new WebSocketServer({ noServer: true })
  const server: Server = createServer((_req, res) => void res.end())
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    last.req = req
    upgrade(req).then(
      (auth) => {
        last.auth = auth
        sockets.handleUpgrade(req, socket, head, (ws) => {
          ws.send(`hello ${auth.subject}`)
          authSignal(req).addEventListener('abort', () => ws.close(4401, 'logout'))
        })
      },
      (error: unknown) => {
        last.error = error
        const { status, headers } =
          error instanceof AuthError ? error : { status: 500, headers: {} }
        const lines = Object.entries(headers).map((header) => `${header.join(': ')}\r\n`)
        socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}Connection: close\r\n\r\n`)
      },
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  ends.push(() => {
    bearer.close()
    for (const client of sockets.clients) client.terminate()
    sockets.close()
    server.close()
    server.closeAllConnections()
  })
  return { url: `ws://127.0.0.1:${port}`, port, bearer, events, last }
}

/** A client that ends with the test. */
export function connectSocket(url: string, headers: Headers): WebSocket {
  const { origin, ...others } = headers
  const socket = new WebSocket(url, {
    headers: others,
    ...(origin === undefined ? {} : { origin }),
  })
  ends.push(() => socket.terminate())
  socket.on('error', () => undefined)
  return socket
}

/** The greeting, or the status of the refusal. */
export async function greeting({ url }: SocketApi, headers: Headers): Promise<string | number> {
  const socket = connectSocket(url, headers)
  return Promise.race([
    once(socket, 'message').then(([text]) => String(text)),
    once(socket, 'unexpected-response').then(([, answer]) =>
      Number((answer as IncomingMessage).statusCode),
    ),
  ])
}

/** A handshake with these lines, sent as they are. */
export async function openRaw({ port }: SocketApi, lines: readonly string[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13'
  socket.write(`GET / HTTP/1.1\r\nHost: api.test\r\n${key}\r\n${lines.join('\r\n')}\r\n\r\n`)
  return socket
}

/** All that the server sends until it closes. */
export async function rawAnswer(api: SocketApi, lines: readonly string[]): Promise<string> {
  const socket = await openRaw(api, lines)
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
