import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer, type ClientRequest, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { SignJWT, type JWK } from 'jose'
import { freePort } from '../lib/testing/free-port.js'
import { misbehave, REDIRECT_TARGET, type DocumentBodies } from './faults.js'
import { createSigningKey, sendJson, type SigningKey } from './issuer.js'
import { SELF_SIGNED } from './self-signed.js'

/** One document of an issuer, on a port of its own, so that it can fail alone. */
export interface HostileDocument {
  readonly origin: string
  /** Paths asked for so far. */
  readonly requests: readonly string[]
  /** When this process began each request, in milliseconds; those included that found nobody to answer. */
  readonly attempts: readonly number[]
  /** One of `FAULTS`, until it is told to behave. */
  misbehave(fault: string): Promise<void>
  behave(): Promise<void>
  /** Connections that are open now. */
  connections(): Promise<number>
  close(): Promise<void>
}

/** An issuer whose metadata and keys are at two ports, each with every fault to order. */
export interface HostileIssuer {
  readonly url: string
  readonly audience: string
  /** What a guard needs. */
  readonly options: { readonly issuer: string; readonly audience: string }
  readonly metadata: HostileDocument
  readonly jwks: HostileDocument
  /** Published from the start. */
  readonly key: SigningKey
  /** Published once `rotate()` was called. */
  readonly nextKey: SigningKey
  rotate(): void
  /** Publishes the private half of `key`, beside `nextKey`. */
  giveAway(): void
  token(key?: SigningKey): Promise<string>
  close(): Promise<void>
}

/** Where Node tells of each request that its HTTP client begins. */
const REQUEST_STARTED = 'http.client.request.start'

export async function startHostileIssuer(): Promise<HostileIssuer> {
  const key = await createSigningKey('key-1', 'ES256')
  const nextKey = await createSigningKey('key-2', 'ES256')
  let keys: readonly JWK[] = [key.jwk]
  const jwks = await startDocument(() => ({
    good: { keys },
    wrong: { keys: [{ ...key.jwk, use: 'enc' }] },
  }))
  const metadata = await startDocument(() => ({
    good: { issuer: url, jwks_uri: `${jwks.origin}/jwks` },
    wrong: { issuer: `${url}/`, jwks_uri: `${jwks.origin}/jwks` },
  }))
  const url = metadata.origin
  const audience = 'https://api.test'
  return {
    url,
    audience,
    options: { issuer: url, audience },
    metadata,
    jwks,
    key,
    nextKey,
    rotate() {
      keys = [key.jwk, nextKey.jwk]
    },
    giveAway() {
      keys = [{ ...key.jwk, d: 'AAAA' }, nextKey.jwk]
    },
    token({ alg, kid, privateKey } = key) {
      return new SignJWT({ scope: 'read', client_id: 'client-1' })
        .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
        .setIssuer(url)
        .setAudience(audience)
        .setSubject('user-1')
        .setJti(crypto.randomUUID())
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey)
    },
    async close() {
      await Promise.all([metadata.close(), jwks.close()])
    },
  }
}

export async function startDocument(bodies: () => DocumentBodies): Promise<HostileDocument> {
  const requests: string[] = []
  let fault: string | undefined
  const answer: RequestListener = (req, res) => {
    requests.push(req.url ?? '')
    if (fault === undefined || req.url === REDIRECT_TARGET) sendJson(res, bodies().good)
    else if (fault !== 'bad TLS') misbehave(fault, res, bodies())
  }
  const port = await freePort()
  let server: Server | undefined = await listen(createServer(answer), port)
  const attempts: number[] = []
  function countAttempt(message: unknown): void {
    const { request } = message as { readonly request: ClientRequest }
    if (request.getHeader('host') === `127.0.0.1:${port}`) attempts.push(performance.now())
  }
  subscribe(REQUEST_STARTED, countAttempt)

  async function replace(next: Server | undefined): Promise<void> {
    const previous = server
    server = undefined
    if (previous !== undefined) await stop(previous)
    server = next === undefined ? undefined : await listen(next, port)
  }

  return {
    get origin() {
      return `${fault === 'bad TLS' ? 'https' : 'http'}://127.0.0.1:${port}`
    },
    requests,
    attempts,
    async misbehave(next) {
      fault = next
      if (next === 'a refused connection') await replace(undefined)
      else if (next === 'bad TLS') await replace(createTlsServer(SELF_SIGNED, answer))
    },
    async behave() {
      const broken = fault === 'a refused connection' || fault === 'bad TLS'
      fault = undefined
      if (broken) await replace(createServer(answer))
    },
    connections: () =>
      new Promise((resolve, reject) => {
        if (server === undefined) resolve(0)
        else server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      }),
    async close() {
      unsubscribe(REQUEST_STARTED, countAttempt)
      await replace(undefined)
    },
  }
}

/** Those in a handshake too, which closeAllConnections knows nothing of. */
const sockets = new WeakMap<Server, Set<Socket>>()

async function listen(server: Server, port: number): Promise<Server> {
  const opened = new Set<Socket>()
  sockets.set(server, opened)
  server.on('connection', (socket: Socket) => {
    opened.add(socket)
    socket.once('close', () => opened.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function stop(server: Server): Promise<void> {
  server.close()
  for (const socket of sockets.get(server) ?? []) socket.destroy()
  await once(server, 'close')
}
