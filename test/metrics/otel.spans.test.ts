import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { context, ROOT_CONTEXT, trace, type Context, type ContextManager } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import express from 'express'
import { AsyncLocalStorage } from 'node:async_hooks'
import { requireBearer } from '../../lib/index.js'
import { otelMetrics } from '../../lib/metrics.js'
import { createTestIssuer } from '../../lib/testing.js'
import { serve } from '../../tools/server.js'

/** As the context managers of OpenTelemetry for Node are. */
function contextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>()
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, run, self, ...args) => storage.run(active, () => run.apply(self, args)),
    bind: (_active, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}

beforeAll(() => void context.setGlobalContextManager(contextManager()))
afterAll(() => context.disable())

it('a span of a verdict stands within the span of its request, also where keys were waited for', async () => {
  const spans = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const tracer = provider.getTracer('test')
  const figures = otelMetrics(new MeterProvider().getMeter('test'), { tracer })
  const issuer = createTestIssuer()
  await issuer.listen()
  const bearer = requireBearer(issuer.options)
  const app = express()
  app.use((req, res, next) => {
    const span = tracer.startSpan(req.url)
    res.on('finish', () => span.end())
    context.with(trace.setSpan(context.active(), span), next)
  })
  app.use(bearer, (_req, res) => void res.end())
  const api = await serve(app)
  try {
    const token = issuer.token()
    const ask = (path: string): Promise<Response> =>
      fetch(api.url + path, { headers: { authorization: `Bearer ${token}` } })
    // At once, so that their contexts must be told apart.
    await Promise.all([ask('/a'), ask('/b')])
    await ask('/known')
  } finally {
    figures.stop()
    bearer.close()
    await api.close()
  }
  const finished = spans.getFinishedSpans()
  const requests = finished.filter(({ name }) => name !== 'ers.verdict')
  const verdicts = finished.filter(({ name }) => name === 'ers.verdict')
  const parents = verdicts.map(({ parentSpanContext }) => parentSpanContext?.spanId)
  expect(new Set(parents)).toEqual(new Set(requests.map((span) => span.spanContext().spanId)))
  expect(verdicts).toHaveLength(3)
})
