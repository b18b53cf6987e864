import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { Registry } from 'prom-client'
import {
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  type BearerGuard,
} from '../../lib/index.js'
import {
  anomalyRules,
  pinoAudit,
  prometheusMetrics,
  type Alert,
  type Subscription,
} from '../../lib/metrics.js'
import { createTestIssuer } from '../../lib/testing.js'
import { serve, type RunningServer } from '../../tools/server.js'
import { scrape, valueOf } from '../support/scrape.js'

const issuer = createTestIssuer()
let bearer: BearerGuard
let api: RunningServer
const store = memoryRevocationStore()
const subscriptions: Subscription[] = []

const track = (subscription: Subscription): void => void subscriptions.push(subscription)

/** A request by way of the proxy that the app trusts. */
function ask(token: string, address: string, path = '/r'): request.Test {
  return request(api.url)
    .get(path)
    .set('Authorization', `Bearer ${token}`)
    .set('X-Forwarded-For', address)
}

beforeAll(async () => {
  bearer = requireBearer(issuer.options)
  const app = express().set('trust proxy', 1)
  app.use(bearer, jtiBlocklist(store))
  app.get('/r', requireScope('read'), (_req, res) => void res.end())
  app.get('/n/:n', (req, res, next) => requireScope(`scope:${req.params.n}`)(req, res, next))
  api = await serve(app)
})
afterAll(async () => {
  bearer.close()
  await api.close()
})
afterEach(() => {
  for (const subscription of subscriptions.splice(0)) subscription.stop()
})

describe('anomalyRules', () => {
  it('finds guessing, spreading, reuse and probing in the requests of a real app', async () => {
    const alerts: Alert[] = []
    const register = new Registry()
    track(prometheusMetrics(register))
    track(anomalyRules({ onAlert: (alert) => alerts.push(alert), thresholds: { bruteForce: 5 } }))
    const token = issuer.token({ scope: 'read', sub: 'alice', jti: 'stolen' })
    for (let n = 0; n < 6; n += 1) await ask(`${token}x`, '192.0.2.1')
    for (const address of ['192.0.2.7', '198.51.100.7', '203.0.113.7']) await ask(token, address)
    for (let n = 0; n < 10; n += 1) await ask(token, '192.0.2.7', `/n/${n}`)
    await store.revokeToken({ issuer: issuer.issuer, tokenId: 'stolen', expiresAt: 4e9 })
    expect((await ask(token, '233.252.0.7')).status).toBe(401)
    expect(alerts.map(({ rule, network }) => [rule, network])).toEqual([
      ['brute_force', '192.0.2.1'],
      ['token_spread', '203.0.113.7'],
      ['scope_probing', '192.0.2.7'],
      ['revoked_token_used', '233.252.0.7'],
    ])
    const text = await scrape(register)
    expect(valueOf(text, 'ers_anomalies_total', { rule: 'brute_force' })).toBe(1)
    expect(valueOf(text, 'ers_anomalies_total', { rule: 'family_reused' })).toBe(0)
  })

  it('is told in the audit log with the sender as a hash', async () => {
    const records: Record<string, unknown>[] = []
    const write = (record: object): void => void records.push({ ...record })
    track(pinoAudit({ debug: write, info: write, warn: write, error: write }))
    track(anomalyRules({ thresholds: { bruteForce: 2 } }))
    await ask('x', '192.0.2.1')
    await ask('x', '192.0.2.1')
    const found = records.find(({ event }) => event === 'anomaly.detected')
    expect(found).toMatchObject({ owasp: 'authn_login_fail_max', rule: 'brute_force', count: 2 })
    const refused = records.find(({ event }) => event === 'request.refused')
    expect(found!['client.address']).toBe(refused!['client.address'])
    expect(JSON.stringify(records)).not.toContain('192.0.2')
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no pager')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no pager'))],
    ['never answers', () => new Promise(() => undefined)],
  ])('answers requests whose alert %s', async (_name, onAlert) => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue()
    track(anomalyRules({ onAlert, thresholds: { bruteForce: 2 } }))
    for (let n = 0; n < 3; n += 1) expect((await ask('x', '192.0.2.9')).status).toBe(401)
    expect((await ask(issuer.token({ scope: 'read' }), '192.0.2.9')).status).toBe(200)
    emitWarning.mockRestore()
  })

  it.each([
    [{ onAlert: 'x' }, '"onAlert" must be a function'],
    [{ thresholds: { bruteForce: 1 } }, '"thresholds.bruteForce" must be a whole number from 2'],
    [{ thresholds: { brutForce: 9 } }, 'Did you mean "thresholds.bruteForce"?'],
    [{ onAlerts: () => 1 }, 'Did you mean "onAlert"?'],
  ])('refuses %j', (options: object, complaint) => {
    expect(() => anomalyRules(options)).toThrow(complaint)
  })
})
