import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals'
import { SpanStatusCode } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type DataPoint,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { health, otelMetrics, type Subscription } from '../../lib/metrics.js'
import { createTestIssuer } from '../../lib/testing.js'
import { startApi, type TestApi } from '../../tools/api.js'

const issuer = createTestIssuer()
let api: TestApi
let figures: Subscription
let metrics: InMemoryMetricExporter
let provider: MeterProvider
let spans: InMemorySpanExporter

beforeAll(async () => {
  await issuer.listen()
  api = await startApi(issuer)
  await api.guard.ready()
})
afterAll(async () => {
  await api.close()
})
beforeEach(() => {
  metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({
    exporter: metrics,
    exportIntervalMillis: 3_600_000,
  })
  provider = new MeterProvider({ readers: [reader] })
  spans = new InMemorySpanExporter()
  const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  figures = otelMetrics(provider.getMeter('test'), {
    tracer: tracing.getTracer('test'),
    health: health({ bearer: api.guard }),
  })
})
afterEach(async () => {
  figures.stop()
  await provider.shutdown()
})

async function collected(name: string): Promise<MetricData | undefined> {
  metrics.reset()
  await provider.forceFlush()
  const [resource] = metrics.getMetrics()
  return resource?.scopeMetrics[0]?.metrics.find(({ descriptor }) => descriptor.name === name)
}

async function valuesOf(name: string): Promise<readonly [object, unknown][]> {
  const points = ((await collected(name))?.dataPoints ?? []) as DataPoint<unknown>[]
  return points.map(({ attributes, value }) => [attributes, value])
}

describe('otelMetrics', () => {
  it('counts each verdict once, a reason as error.type', async () => {
    await api.get(issuer.token({ scope: 'read' }))
    await api.get(issuer.expired())
    expect(await valuesOf('ers.verdicts')).toEqual([
      [{ 'ers.guard': 'requireBearer', 'ers.outcome': 'accepted' }, 1],
      [{ 'ers.guard': 'requireBearer', 'ers.outcome': 'refused', 'error.type': 'expired' }, 1],
    ])
  })

  it('times verdicts in seconds, in buckets that begin at 10 µs', async () => {
    await api.get(issuer.token({ scope: 'read' }))
    const duration = await collected('ers.bearer.duration')
    expect(duration?.descriptor.unit).toBe('s')
    expect(duration?.dataPoints[0]?.value).toMatchObject({
      count: 1,
      buckets: { boundaries: expect.arrayContaining([0.00001, 2.5]) },
    })
  })

  it('tells what is ready, and for how long keys are served', async () => {
    expect(await valuesOf('ers.ready')).toEqual([
      [{ 'ers.part': 'bearer', 'ers.name': issuer.issuer }, 1],
    ])
    const [[attributes, seconds] = []] = await valuesOf('ers.keys.usable')
    expect(attributes).toEqual({ 'ers.issuer': issuer.issuer })
    expect(seconds).toBeGreaterThan(3600)
  })

  it('makes a span of each verdict on a token, and an error of none but an outage', async () => {
    const down = createTestIssuer()
    await down.listen()
    await down.outage('refused')
    const other = await startApi(down)
    await api.get(issuer.token({ scope: 'read' }))
    await api.get(issuer.expired())
    await other.get(down.token())
    await other.close()
    const told = spans.getFinishedSpans().map(({ name, attributes, status, duration }) => ({
      name,
      outcome: attributes['ers.outcome'],
      status: status.code,
      took: duration[0] + duration[1] > 0,
    }))
    expect(told).toEqual([
      { name: 'ers.verdict', outcome: 'accepted', status: SpanStatusCode.UNSET, took: true },
      { name: 'ers.verdict', outcome: 'refused', status: SpanStatusCode.UNSET, took: true },
      { name: 'ers.verdict', outcome: 'unavailable', status: SpanStatusCode.ERROR, took: true },
    ])
  })

  it('hears nothing once it is stopped', async () => {
    figures.stop()
    await api.get(issuer.token({ scope: 'read' }))
    expect(await valuesOf('ers.verdicts')).toEqual([])
    expect(await valuesOf('ers.ready')).toEqual([])
  })

  it.each([
    [{}, {}, '"meter" must be a meter of @opentelemetry/api'],
    [undefined, { tracr: 1 }, 'Did you mean "tracer"?'],
  ])('refuses %j with %j', (meter, options: object, complaint) => {
    const given = (meter ?? provider.getMeter('x')) as Parameters<typeof otelMetrics>[0]
    expect(() => otelMetrics(given, options)).toThrow(complaint)
  })
})
