import { once } from 'node:events'
import { Agent, createServer as createTlsServer, request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express, type RequestHandler } from 'express'
import {
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  type AuthEvent,
  type BearerGuard,
  type BearerOptions,
  type IssuerFields,
  type RequireBearerOptions,
} from '../../lib/index.js'
import type { ClientCertificate } from '../../tools/client-certificates.js'
import { AUDIENCE, SCOPE, type RunningIssuer } from '../../tools/real-issuers/issuer.js'
import { SELF_SIGNED } from '../../tools/self-signed.js'
import { serve } from '../../tools/server.js'

/** The API of the README behind one guard, as each cell needs it. */
export interface Api {
  readonly url: string
  readonly guard: BearerGuard
  /** Reason and detail of the last refusal. */
  lastRefusal(): string
  /** The status for a token; for a GET of `/` unless the path says otherwise. */
  send(token: string, how?: Sending): Promise<number>
  close(): Promise<void>
}

export interface Sending {
  readonly method?: string
  readonly path?: string
  /** @default 'Bearer' */
  readonly scheme?: string
  readonly headers?: Readonly<Record<string, string>>
}

type Options = Partial<IssuerFields> & Partial<BearerOptions>

export interface ApiSetup {
  readonly options?: Options
  /** Options that name the API's own address. */
  readonly optionsAt?: (url: string) => Options
  readonly guards?: readonly RequestHandler[]
}

function guardOf(
  issuer: RunningIssuer,
  options: Options,
): { guard: BearerGuard; events: AuthEvent[] } {
  const events: AuthEvent[] = []
  const guard = requireBearer({
    issuer: issuer.url,
    audience: issuer.audience ?? AUDIENCE,
    ...issuer.settings,
    onEvent: (event: AuthEvent) => void events.push(event),
    ...options,
    advice: false,
  } as RequireBearerOptions)
  return { guard, events }
}

function refusalIn(events: readonly AuthEvent[]): string {
  const refusal = events.findLast(({ name }) => name === 'request.refused')
  return refusal?.name === 'request.refused' ? `${refusal.reason}: ${refusal.detail}` : 'none'
}

function appOf(
  issuer: RunningIssuer,
  guard: BearerGuard,
  guards: readonly RequestHandler[],
): Express {
  const store = memoryRevocationStore()
  const app = express()
  app.post('/logout', guard, logout(store))
  const scoped = issuer.scope === false ? [] : [requireScope(SCOPE)]
  app.get('/', guard, jtiBlocklist(store), ...scoped, ...guards, (_req, res) => void res.json({}))
  return app
}

export async function startApi(issuer: RunningIssuer, setup: ApiSetup = {}): Promise<Api> {
  const apps: Express[] = []
  const server = await serve((req, res) => void apps[0]?.(req, res))
  const options = { ...setup.options, ...setup.optionsAt?.(server.url) }
  const { guard, events } = guardOf(issuer, options)
  apps.push(appOf(issuer, guard, setup.guards ?? []))
  return {
    url: server.url,
    guard,
    lastRefusal: () => refusalIn(events),
    async send(token, { method = 'GET', path = '/', scheme = 'Bearer', headers = {} } = {}) {
      const authorization = `${scheme} ${token}`
      // A connection that rested too long may end just as it is used again.
      const all = { ...headers, authorization, connection: 'close' }
      return (await fetch(`${server.url}${path}`, { method, headers: all })).status
    },
    async close() {
      guard.close()
      await server.close()
    },
  }
}

/** The same over TLS, where clients show certificates. */
export async function startTlsApi(issuer: RunningIssuer): Promise<{
  send(token: string, certificate?: ClientCertificate): Promise<number>
  close(): void
}> {
  const { guard } = guardOf(issuer, { mtls: { certificate: 'tls' } })
  const server = createTlsServer(
    { ...SELF_SIGNED, requestCert: true, rejectUnauthorized: false },
    appOf(issuer, guard, []),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    async send(token, certificate) {
      const agent = new Agent({ ...certificate, ca: SELF_SIGNED.cert })
      const headers = { authorization: `Bearer ${token}` }
      const asking = request(`https://127.0.0.1:${port}/`, { agent, headers }).end()
      const [answer] = (await once(asking, 'response')) as [IncomingMessage]
      answer.resume()
      agent.destroy()
      return answer.statusCode ?? 0
    },
    close() {
      guard.close()
      server.closeAllConnections()
      server.close()
    },
  }
}
