import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { request as httpRequest, type ClientRequest } from 'node:http'
import express from 'express'
import { createStreams, type Streams } from '../../lib/guards/streams/streams.js'
import type { LiveState } from '../../lib/guards/streams/stream.js'
import { authState } from '../../lib/http/guard/auth-state.js'
import {
  requireBearer,
  type AuthError,
  type AuthEvent,
  type BearerGuard,
  type BearerOptions,
  type IssuerFields,
  type IssuerResolver,
  type Middleware,
  type RequireBearerOptions,
} from '../../lib/index.js'
import type { TestClaims, TestIssuer } from '../../lib/testing.js'
import type { SigningKey, TestIssuer as FaultyIssuer } from '../../tools/issuer.js'
import { serve } from '../../tools/server.js'
import { manualTimer, type ManualTimer } from './manual-timer.js'

/** A request that stays open, and the signal that ends it. */
export interface OpenStream {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly signal: AbortSignal
  /** Why it ended; undefined while it is open. */
  reason(): AuthError | undefined
  /** Its client goes away. */
  leave(): Promise<void>
}

/** `GET /` behind `requireBearer` and more guards: streams that are looked at by a clock of the test. */
export interface StreamingApi {
  readonly timer: ManualTimer
  readonly streams: Streams
  readonly guard: BearerGuard
  readonly events: AuthEvent[]
  /** By a key of its own only with an issuer of tools/issuer.ts. */
  open(claims?: TestClaims, key?: SigningKey): Promise<OpenStream>
  close(): Promise<void>
}

export type StreamingOptions = Partial<IssuerFields & BearerOptions> & {
  readonly issuers?: IssuerResolver
}

export async function startStreaming(
  issuer: FaultyIssuer | TestIssuer,
  guards: readonly Middleware[] = [],
  { issuers, ...options }: StreamingOptions = {},
): Promise<StreamingApi> {
  const events: AuthEvent[] = []
  const timer = manualTimer()
  const streams = createStreams(timer)
  const trusted: RequireBearerOptions =
    issuers === undefined
      ? ({
          ...issuer.options,
          clockToleranceSeconds: 0,
          ...options,
        } as RequireBearerOptions)
      : { issuers, ...(options as BearerOptions) }
  const guard = requireBearer({ onEvent: (event) => void events.push(event), ...trusted })
  const opened: { req: IncomingMessage; res: ServerResponse }[] = []
  const clients: ClientRequest[] = []
  const app = express()
  app.get('/', guard, ...guards, (req, res) => {
    opened.push({ req, res })
    res.writeHead(200).write('open')
  })
  const server = await serve(app)
  return {
    timer,
    streams,
    guard,
    events,
    async open(claims, key) {
      const token = 'url' in issuer ? await issuer.token(claims, {}, key) : issuer.token(claims)
      const headers = { Authorization: `Bearer ${token}` }
      const client = httpRequest(server.url, { headers, agent: false })
      clients.push(client)
      client.on('error', () => undefined)
      client.end()
      const [answer] = (await once(client, 'response')) as [IncomingMessage]
      if (answer.statusCode !== 200) throw new Error(`Answered ${answer.statusCode}`)
      answer.on('error', () => undefined)
      const { req, res } = opened.pop()!
      const signal = streams.signalOf(req, authState(req) as LiveState)
      return {
        req,
        res,
        signal,
        reason: () => signal.reason as AuthError | undefined,
        async leave() {
          client.destroy()
          if (!res.closed) await once(res, 'close')
        },
      }
    },
    async close() {
      for (const client of clients) client.destroy()
      guard.close()
      await server.close()
    },
  }
}
