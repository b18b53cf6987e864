import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import { Registry } from 'prom-client'
import { metrics as api } from '@opentelemetry/api'
import {
  jtiBlocklist,
  memoryRevocationStore,
  RevocationUnavailable,
  requireBearer,
  type RevocationChecker,
} from '../../lib/index.js'
import { otelMetrics, prometheusMetrics, type Subscription } from '../../lib/metrics.js'
import { createTestIssuer } from '../../lib/testing.js'
import { serve } from '../../tools/server.js'

const issuer = createTestIssuer()
let subscription: Subscription | undefined

afterEach(() => subscription?.stop())

async function ask(checker: RevocationChecker, times = 1): Promise<void> {
  const app = express()
  app.get('/', requireBearer(issuer.options), jtiBlocklist(checker), (_req, res) => void res.end())
  const server = await serve(app)
  const headers = { authorization: `Bearer ${issuer.token()}` }
  for (let count = 0; count < times; count += 1) await fetch(server.url, { headers })
  await server.close()
}

const status = (): { ready: boolean; state: string } => ({ ready: true, state: 'ready' })
const revoked = { revoked: true, by: 'token' } as const
const down = (): never => {
  throw new RevocationUnavailable('down')
}

const CASES: readonly (readonly [string, RevocationChecker, string])[] = [
  ['good, at once', memoryRevocationStore(), 'good'],
  ['good, later', { status, check: async () => ({ revoked: false }) }, 'good'],
  ['revoked, at once', { status, check: () => revoked }, 'revoked'],
  ['revoked, later', { status, check: async () => revoked }, 'revoked'],
  ['unknown, at once', { status, check: down }, 'unavailable'],
  ['unknown, later', { status, check: async () => down() }, 'unavailable'],
  ['no answer at all', { status, check: () => undefined as never }, 'unavailable'],
]

describe('the time that a denylist takes', () => {
  it.each(CASES)('is a histogram, for one that says: %s', async (_what, checker, outcome) => {
    const register = new Registry()
    subscription = prometheusMetrics(register)
    await ask(checker, 3)
    const text = await register.metrics()
    expect(text).toContain(`ers_denylist_duration_seconds_count{outcome="${outcome}"} 3`)
    expect(text.match(/ers_denylist_duration_seconds_count/g)).toHaveLength(1)
    // A refusal by the denylist says nothing of how long the verdict on its token took.
    expect(text).toContain('ers_bearer_duration_seconds_count{outcome="accepted"} 3')
    expect(text).not.toContain('ers_bearer_duration_seconds_count{outcome="refused"}')
  })

  it('is one of OpenTelemetry as well', async () => {
    const told: unknown[] = []
    const meter = api.getMeter('test')
    const createHistogram = (name: string): { record(...args: unknown[]): void } => ({
      record: (...args) => void told.push([name, ...args]),
    })
    subscription = otelMetrics(
      Object.assign(Object.create(meter) as typeof meter, { createHistogram }),
    )
    await ask(memoryRevocationStore())
    expect(told).toContainEqual([
      'ers.denylist.duration',
      expect.any(Number),
      { 'ers.outcome': 'good' },
    ])
  })
})
