import express from 'express'
import type { AuthEvent, RevocationStore } from '../../lib/index.js'
import { memoryRevocationStore, requireBearer, jtiBlocklist } from '../../lib/index.js'
import { sharedSignals, type SharedSignals, type SharedSignalsFields } from '../../lib/signals.js'
import {
  createTestIssuer,
  testClock,
  type TestClock,
  type TestIssuer,
  type TestTransmitter,
} from '../../lib/testing.js'
import { serve } from '../../tools/server.js'

/** An API behind a denylist, and the endpoint that a transmitter pushes to. */
export interface SignalReceiver {
  readonly issuer: TestIssuer
  readonly transmitter: TestTransmitter
  readonly clock: TestClock
  readonly store: RevocationStore
  readonly signals: SharedSignals
  readonly events: AuthEvent[]
  /** `POST /signals` */
  readonly url: string
  /** `GET /` with this token: the status. */
  readonly get: (token: string) => Promise<number>
  /** Pushes an event, and gives the status with the code of the error. */
  readonly push: (event: string) => Promise<string>
  /** Why the latest refusal happened. */
  readonly reason: () => string | undefined
  close(): Promise<void>
}

export async function startSignalReceiver(
  options: Partial<SharedSignalsFields> = {},
  store: RevocationStore = memoryRevocationStore({ clockToleranceSeconds: 0 }),
): Promise<SignalReceiver> {
  const clock = testClock()
  const issuer = createTestIssuer({ clock })
  const transmitter = issuer.transmitter()
  const events: AuthEvent[] = []
  const signals = sharedSignals(store, {
    ...transmitter.options,
    onEvent: (event) => events.push(event),
    ...options,
  })
  const bearer = requireBearer(issuer.options)
  const app = express()
  app.post('/signals', signals)
  app.get('/', bearer, jtiBlocklist(store), (_req, res) => void res.end())
  const server = await serve(app)
  const url = `${server.url}/signals`
  return {
    issuer,
    transmitter,
    clock,
    store,
    signals,
    events,
    url,
    async get(token) {
      const headers = { authorization: `Bearer ${token}` }
      return (await fetch(server.url, { headers })).status
    },
    async push(event) {
      const { status, err } = await transmitter.push(url, event)
      return err === undefined ? String(status) : `${status} ${err}`
    },
    reason: () => events.findLast((event) => event.name === 'request.refused')?.reason,
    async close() {
      signals.close()
      bearer.close()
      await store.close()
      await server.close()
    },
  }
}
