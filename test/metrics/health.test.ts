import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import express from 'express'
import { Registry } from 'prom-client'
import request from 'supertest'
import { memoryRevocationStore, requireBearer, type BearerGuard } from '../../lib/index.js'
import { health, prometheusMetrics, type HealthReport } from '../../lib/metrics.js'
import { createTestIssuer, type TestIssuer } from '../../lib/testing.js'
import { serve } from '../../tools/server.js'
import { until } from '../../tools/until.js'
import { scrape, valueOf } from '../support/scrape.js'

let issuer: TestIssuer
let bearer: BearerGuard
const revocations = memoryRevocationStore()

beforeEach(async () => {
  issuer = createTestIssuer()
  await issuer.listen()
  bearer = requireBearer(issuer.options)
})
afterEach(() => {
  bearer.close()
  jest.useRealTimers()
})

const lost = {
  status: () => ({ ready: false, state: 'lost', detail: 'Redis has forgotten' }),
}

describe('health', () => {
  it('tells what is needed, how it is, since when', async () => {
    await bearer.ready()
    const report = health({ bearer, revocations }).report()
    const since: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(report).toEqual({
      ready: true,
      parts: [
        {
          part: 'bearer',
          issuer: issuer.issuer,
          needed: true,
          ready: true,
          state: 'fresh',
          since,
          usableSeconds: 4200,
        },
        {
          part: 'revocations',
          needed: true,
          ready: true,
          state: 'ready',
          since,
          detail: '0 of 100000 entries',
        },
      ],
    })
  })

  it('is ready whatever issuers tokens name, where those are resolved, and shows nobody the tenants', async () => {
    const resolving = requireBearer({
      issuers: {
        allow: (name) => name === issuer.issuer,
        resolve: async () => issuer.options,
      },
    })
    await issuer.outage('500')
    const app = express().get('/readyz', health({ resolving }))
    app.use(resolving)
    await issuer.authed(request(app).get('/')).expect(503)
    expect(health({ resolving }).report()).toMatchObject({
      ready: true,
      parts: [{ issuer: issuer.issuer, needed: false, ready: false }],
    })
    const { status, text } = await request(app).get('/readyz')
    expect([status, text]).toEqual([200, '{"ready":true,"parts":[]}'])
    resolving.close()
  })

  it('fetches keys for a first probe, because no request comes before it is ready', async () => {
    const app = express().get('/readyz', health({ bearer }))
    const server = await serve(app)
    try {
      const first = await request(server.url).get('/readyz')
      expect(first.status).toBe(503)
      expect(first.headers['cache-control']).toBe('no-store')
      expect(first.body).toMatchObject({ ready: false, parts: [{ state: 'empty' }] })
      await until(async () => {
        const next = await request(server.url).get('/readyz')
        expect(next.status).toBe(200)
      })
    } finally {
      await server.close()
    }
  })

  it('tells since when a state is what it is', async () => {
    jest.useFakeTimers({ now: 1_800_000_000_000, doNotFake: ['nextTick', 'setImmediate'] })
    let state = 'ready'
    const check = health({ store: { status: () => ({ ready: state === 'ready', state }) } })
    const sinceOf = (): string | undefined => check.report().parts[0]?.since
    expect(sinceOf()).toBe('2027-01-15T08:00:00.000Z')
    jest.setSystemTime(1_800_000_060_000)
    expect(sinceOf()).toBe('2027-01-15T08:00:00.000Z')
    state = 'down'
    expect(sinceOf()).toBe('2027-01-15T08:01:00.000Z')
  })

  it('is ready without what is optional, and says so', () => {
    const report = health({ revocations, lost }, { optional: ['lost'] }).report()
    expect(report.ready).toBe(true)
    expect(report.parts[1]).toMatchObject({ needed: false, ready: false, state: 'lost' })
    expect(health({ revocations, lost }).report().ready).toBe(false)
  })

  it('keeps details out of the answer to a probe', async () => {
    const check = health({ lost })
    expect(check.report().parts[0]?.detail).toBe('Redis has forgotten')
    const server = await serve(express().get('/readyz', check))
    const { text } = await request(server.url).get('/readyz')
    await server.close()
    expect(text).not.toContain('forgotten')
    expect((JSON.parse(text) as HealthReport).parts[0]).toMatchObject({ state: 'lost' })
  })

  it('takes a part that throws for one that is not ready', () => {
    const broken = {
      status: () => {
        throw new Error('bug')
      },
      ready: () => Promise.reject(new Error('bug')),
    }
    expect(health({ broken }).report()).toMatchObject({
      ready: false,
      parts: [{ state: 'unknown', ready: false }],
    })
  })

  it('is scraped with the rest', async () => {
    await bearer.ready()
    const register = new Registry()
    const metrics = prometheusMetrics(register, { health: health({ bearer, lost }) })
    const text = await scrape(register)
    metrics.stop()
    expect(valueOf(text, 'ers_ready', { part: 'bearer', name: issuer.issuer })).toBe(1)
    expect(valueOf(text, 'ers_ready', { part: 'lost', name: '' })).toBe(0)
    expect(valueOf(text, 'ers_keys_usable_seconds', { issuer: issuer.issuer })).toBe(4200)
  })

  it.each([
    [{ bearer: {} }, {}, '"bearer" must have a function status()'],
    [{ lost }, { optional: ['lots'] }, '"optional" must name parts, got "lots"'],
    [{ lost }, { optonal: [] }, 'Did you mean "optional"?'],
  ])('refuses %j with %j', (parts: object, options: object, complaint) => {
    expect(() => health(parts as Parameters<typeof health>[0], options)).toThrow(complaint)
  })
})
