import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { channel } from 'node:diagnostics_channel'
import { Counter, Registry, type OpenMetricsContentType } from 'prom-client'
import { EVENT_CHANNEL, memoryRevocationStore, type AuthEvent } from '../../lib/index.js'
import { prometheusMetrics, type Subscription } from '../../lib/metrics.js'
import { createTestIssuer } from '../../lib/testing.js'
import { startApi, type TestApi } from '../../tools/api.js'
import { until } from '../../tools/until.js'
import { scrape, seriesOf, valueOf } from '../support/scrape.js'

const issuer = createTestIssuer()
let api: TestApi
let register: Registry
let metrics: Subscription
const store = memoryRevocationStore()

/** Whether somebody listened before any of these tests did. */
const heardBefore = channel(EVENT_CHANNEL).hasSubscribers

const publish = (event: AuthEvent): void => channel(EVENT_CHANNEL).publish(event)

beforeAll(async () => {
  await issuer.listen()
  api = await startApi(issuer, { store })
  await api.guard.ready()
})
afterAll(async () => {
  await api.close()
})
beforeEach(() => {
  register = new Registry()
  metrics = prometheusMetrics(register)
})
afterEach(() => metrics.stop())

/** Of invented tokens, subjects, keys and paths. */
async function flood(from: number, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => from + index)
  await Promise.all(
    numbers.map(async (n) => {
      const claims = {
        sub: `subject-${n}`,
        jti: `id-${n}`,
        iss: `https://${n}.test`,
        aud: `${n}`,
      }
      const header = { kid: `kid-${n}` }
      await api.get(issuer.token({ scope: 'read', sub: `subject-${n}`, jti: `id-${n}` }))
      await api.get(issuer.token({ ...claims, iss: issuer.issuer }, header))
      await api.get(issuer.token(claims))
      await api.get(issuer.token({ aud: `${n}`, [`claim-${n}`]: n }))
      await api.authorized(`Scheme${n} ${n}`)
      await fetch(`${api.url}/path-${n}?x=${n}`, {
        headers: { 'x-forwarded-for': `10.0.0.${n % 250}` },
      })
    }),
  )
}

describe('prometheusMetrics', () => {
  it('counts each verdict once, by guard, outcome and reason', async () => {
    const good = issuer.token({ scope: 'read' })
    const revoked = issuer.token({ jti: 'ended' })
    await store.revokeToken({ issuer: issuer.issuer, tokenId: 'ended', expiresAt: 4e9 })
    await api.get(good)
    await api.get(good)
    await api.get(issuer.expired())
    await api.get(issuer.token({ scope: 'other' }))
    await api.get(revoked)
    await api.authorized()
    const { lines } = await scrape(register)
    expect(lines.filter((line) => line.startsWith('ers_verdicts_total')).toSorted()).toEqual([
      'ers_verdicts_total{guard="jtiBlocklist",outcome="refused",reason="revoked"} 1',
      'ers_verdicts_total{guard="requireBearer",outcome="accepted",reason=""} 4',
      'ers_verdicts_total{guard="requireBearer",outcome="refused",reason="expired"} 1',
      'ers_verdicts_total{guard="requireBearer",outcome="refused",reason="no_credential"} 1',
      'ers_verdicts_total{guard="requireScope",outcome="refused",reason="scope_missing"} 1',
    ])
  })

  it('times the verdict on each token, in seconds', async () => {
    await api.get(issuer.token({ scope: 'read' }))
    await api.get(issuer.expired())
    const text = await scrape(register)
    const accepted = { outcome: 'accepted' }
    expect(valueOf(text, 'ers_bearer_duration_seconds_count', accepted)).toBe(1)
    expect(valueOf(text, 'ers_bearer_duration_seconds_count', { outcome: 'refused' })).toBe(1)
    expect(valueOf(text, 'ers_bearer_duration_seconds_bucket', { ...accepted, le: '+Inf' })).toBe(1)
    expect(
      valueOf(text, 'ers_bearer_duration_seconds_bucket', { ...accepted, le: '0.00001' }),
    ).toBe(0)
    const seconds = valueOf(text, 'ers_bearer_duration_seconds_sum', accepted)
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThan(2.5)
  })

  it('tells an outage from a refusal, and when it is over', async () => {
    const down = createTestIssuer()
    await down.listen()
    await down.outage('500')
    const other = await startApi(down)
    try {
      expect((await other.get(down.token())).status).toBe(503)
      const text = await scrape(register)
      const verdict = { guard: 'requireBearer', outcome: 'unavailable', reason: 'keys_unavailable' }
      expect(valueOf(text, 'ers_verdicts_total', verdict)).toBe(1)
      expect(valueOf(text, 'ers_up', { part: 'keys', name: down.issuer })).toBe(0)
      await down.recover()
      await until(() => other.guard.ready())
      expect(valueOf(await scrape(register), 'ers_up', { part: 'keys', name: down.issuer })).toBe(1)
    } finally {
      await other.close()
    }
  })

  it.each<[string, AuthEvent, string, Record<string, string>, number]>([
    [
      'a store that is lost',
      { name: 'revocation.state', store: 'revocations', state: 'lost' },
      'ers_up',
      { part: 'denylist', name: 'revocations' },
      0,
    ],
    [
      'a store that is ready',
      { name: 'revocation.state', store: 'revocations', state: 'ready' },
      'ers_up',
      { part: 'denylist', name: 'revocations' },
      1,
    ],
    [
      'introspection that fails',
      { name: 'introspection.failed', issuer: 'https://id.test', unauthorized: true, detail: '' },
      'ers_up',
      { part: 'introspection', name: 'https://id.test' },
      0,
    ],
    [
      'a throttle that counts alone',
      { name: 'ratelimit.degraded', limiter: 'throttle', detail: '' },
      'ers_up',
      { part: 'ratelimit', name: 'throttle' },
      0,
    ],
    [
      'a session ended by the issuer',
      {
        name: 'logout.received',
        issuer: 'https://id.test',
        scope: 'session',
        subjectDigest: undefined,
        sessionIdDigest: 'x',
      },
      'ers_revocations_total',
      { endpoint: 'backChannelLogout', scope: 'session' },
      1,
    ],
    [
      'a login whose refresh token came back',
      {
        name: 'family.reused',
        issuer: 'https://id.test',
        clientId: 'app',
        subjectDigest: 'x',
        sessionIdDigest: 'y',
      },
      'ers_events_total',
      { event: 'family.reused' },
      1,
    ],
  ])('tells of %s', async (_name, event, metric, labels, value) => {
    publish(event)
    expect(valueOf(await scrape(register), metric, labels)).toBe(value)
  })

  it('counts from zero what is rare and grave, so that the first one is an increase', async () => {
    expect(valueOf(await scrape(register), 'ers_events_total', { event: 'family.reused' })).toBe(0)
  })

  it('has no series more after a flood of invented tokens, subjects, keys and paths', async () => {
    await flood(0, 20)
    const before = await scrape(register)
    await flood(20, 80)
    const after = await scrape(register)
    expect(seriesOf(after)).toEqual(seriesOf(before))
    expect(after.text).not.toMatch(/subject-|id-\d|kid-|path-|10\.0\.0|Scheme/)
  })

  it('bounds what tenants and apps may name', async () => {
    for (let n = 0; n < 1000; n += 1) {
      publish({ name: 'keys.failed', issuer: `https://tenant-${n}.test`, detail: '' })
      publish({ name: 'ratelimit.degraded', limiter: `limiter-${n}`, detail: '' })
      publish({ name: `own.${n}` } as unknown as AuthEvent)
      publish({
        name: 'request.refused',
        guard: `guard-${n}`,
        code: 'invalid_token',
        reason: `reason ${n}` as 'expired',
        family: 'credential',
        status: 401,
      })
    }
    const text = await scrape(register)
    expect(text.lines.filter((line) => line.startsWith('ers_up')).length).toBeLessThanOrEqual(52)
    const verdicts = text.lines.filter((line) => line.startsWith('ers_verdicts_total'))
    expect(verdicts.length).toBeLessThanOrEqual(51)
    expect(verdicts.at(-1)).toBe(
      'ers_verdicts_total{guard="other",outcome="refused",reason="other"} 950',
    )
    const events = text.lines.filter((line) => line.startsWith('ers_events_total'))
    expect(events.length).toBeLessThanOrEqual(101)
  })

  it('leaves nothing behind once it is stopped', async () => {
    metrics.stop()
    expect(await register.getMetricsAsJSON()).toEqual([])
    expect(channel(EVENT_CHANNEL).hasSubscribers).toBe(heardBefore)
    metrics = prometheusMetrics(register)
    expect(await register.getMetricsAsJSON()).not.toEqual([])
  })

  it('refuses a registry that has them already, and leaves it as it was', async () => {
    const before = seriesOf(await scrape(register))
    expect(() => prometheusMetrics(register)).toThrow('already been registered')
    expect(seriesOf(await scrape(register))).toEqual(before)
    const taken = new Registry()
    taken.registerMetric(new Counter({ name: 'ers_events_total', help: 'ours', registers: [] }))
    expect(() => prometheusMetrics(taken)).toThrow('already been registered')
    expect(taken.getMetricsAsArray()).toHaveLength(1)
  })

  it('refuses what is no registry', () => {
    expect(() => prometheusMetrics({} as Registry)).toThrow(
      'prometheusMetrics: "register" must be a registry of prom-client, got an object with no keys',
    )
  })

  it('is written as OpenMetrics too, and merged with registries of other processes', async () => {
    const open = new Registry<OpenMetricsContentType>()
    open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    const more = prometheusMetrics(open)
    await api.get(issuer.token({ scope: 'read' }))
    const text = await open.metrics()
    expect(text).toContain('# TYPE ers_verdicts counter')
    expect(text).toContain(
      'ers_verdicts_total{guard="requireBearer",outcome="accepted",reason=""} 1',
    )
    more.stop()
    expect(open.getMetricsAsArray()).toEqual([])
    const gauges = (await register.getMetricsAsJSON()).filter(
      ({ aggregator }) => aggregator === 'min',
    )
    expect(gauges.map(({ name }) => name)).toContain('ers_up')
  })

  it('is empty after the registry was reset, and counts on', async () => {
    await api.get(issuer.token({ scope: 'read' }))
    register.resetMetrics()
    await api.get(issuer.token({ scope: 'read' }))
    const verdict = { guard: 'requireBearer', outcome: 'accepted', reason: '' }
    expect(valueOf(await scrape(register), 'ers_verdicts_total', verdict)).toBe(1)
  })
})
