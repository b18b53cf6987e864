import express from 'express'
import request from 'supertest'
import {
  authOf,
  clientSecretBasic,
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  type AuthEvent,
  type IntrospectionOptions,
  type IssuerOptions,
} from '../../lib/index.js'
import {
  CLIENT,
  startIntrospectingIssuer,
  type IntrospectingIssuer,
} from '../../tools/introspecting-issuer.js'
import { serve, type RunningServer } from '../../tools/server.js'

/** An issuer that is asked about tokens, and APIs that ask it, on one frozen clock. */
export interface Introspected {
  readonly issuer: IntrospectingIssuer
  readonly events: AuthEvent[]
  readonly revocations: ReturnType<typeof memoryRevocationStore>
  /** Wall time in seconds. */
  now: number
  startApi(
    introspection?: Partial<IntrospectionOptions>,
    options?: Partial<IssuerOptions>,
  ): Promise<RunningServer>
  lastReason(): string | undefined
  /** As it was at first. */
  reset(): void
  /** Their calls end too. */
  closeApis(): Promise<void>
  close(): Promise<void>
}

export async function startIntrospected(): Promise<Introspected> {
  const issuer = await startIntrospectingIssuer({ clock: () => scene.now })
  const events: AuthEvent[] = []
  const revocations = memoryRevocationStore()
  const closing: (() => Promise<void>)[] = []
  const scene: Introspected = {
    issuer,
    events,
    revocations,
    now: Date.now() / 1000,
    async startApi(introspection = {}, options = {}) {
      const guard = requireBearer({
        issuer: issuer.url,
        audience: issuer.audience,
        clock: () => scene.now,
        onEvent: (event) => events.push(event),
        introspection: {
          clientId: CLIENT.id,
          clientAuth: clientSecretBasic(CLIENT.secret),
          ...introspection,
        },
        ...options,
      })
      const app = express()
      app.use(guard, jtiBlocklist(revocations))
      app.get('/', (req, res) => {
        const { scopes, roles, ...auth } = authOf(req)
        res.json({ ...auth, scopes: [...scopes], roles: [...roles] })
      })
      app.get('/write', requireScope('write'), (_req, res) => void res.end())
      const server = await serve(app)
      closing.push(() => {
        guard.close()
        return server.close()
      })
      return server
    },
    lastReason: () => events.filter((event) => event.name === 'request.refused').at(-1)?.reason,
    reset() {
      scene.now = Date.now() / 1000
      issuer.respond = undefined
      issuer.metadata = {}
      issuer.calls.length = 0
      events.length = 0
    },
    async closeApis() {
      await Promise.all(closing.splice(0).map((close) => close()))
    },
    async close() {
      await scene.closeApis()
      await issuer.close()
    },
  }
  return scene
}

export function get(api: RunningServer, token: string, path = '/'): request.Test {
  return request(api.url).get(path).set('Authorization', `Bearer ${token}`)
}
