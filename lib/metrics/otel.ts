import { optionCheck } from '../core/options/option-check.js'
import type { AuthEvent } from '../core/events/events.js'
import { isRecord } from '../core/values.js'
import type { Health } from './health.js'
import { BUCKETS, INSTRUMENTS, type Instrument } from './instruments.js'
import { outcomeOf, reasonLabel } from './listening/labels.js'
import { listen, listenToLookups, type Subscription } from './listening/subscription.js'
import { createMeasure } from './measure.js'

/** As much of `@opentelemetry/api` as is needed. */
export interface OtelMeter {
  createCounter(
    name: string,
    options: object,
  ): {
    add(value: number, attributes: OtelAttributes): void
  }
  createHistogram(
    name: string,
    options: object,
  ): {
    record(value: number, attributes: OtelAttributes): void
  }
  createObservableGauge(name: string, options: object): OtelGauge
}

export interface OtelGauge {
  addCallback(callback: (result: OtelResult) => void): void
  removeCallback(callback: (result: OtelResult) => void): void
}

export interface OtelResult {
  observe(value: number, attributes: OtelAttributes): void
}

export interface OtelTracer {
  startSpan(
    name: string,
    options: { readonly startTime: number; readonly attributes: OtelAttributes },
  ): OtelSpan
}

export interface OtelSpan {
  setStatus(status: { readonly code: number }): unknown
  end(endTime: number): void
}

/** Mutable, because those of the API are. */
export type OtelAttributes = Record<string, string>

export interface OtelMetricsOptions {
  /** Makes a span `ers.verdict` of each verdict on a token, within the span of its request. @default none */
  readonly tracer?: OtelTracer | undefined
  /** Adds gauges of what is ready, and for how long keys are still served. @default none */
  readonly health?: Health | undefined
}

const FACTORY = 'otelMetrics'
const STATUS_ERROR = 2

/**
 * The figures of `prometheusMetrics` as instruments of OpenTelemetry, by the same names with dots; a
 * reason is the attribute `error.type`.
 *
 * @example
 * const figures = otelMetrics(metrics.getMeter('api'), { tracer: trace.getTracer('api') })
 *
 * @throws TypeError for what is no meter, or an unknown option.
 */
export function otelMetrics(meter: OtelMeter, options: OtelMetricsOptions = {}): Subscription {
  const check = optionCheck(FACTORY)
  check.known(options, ['tracer', 'health'])
  if (!isMeter(meter)) check.refuse('meter', 'be a meter of @opentelemetry/api', meter)
  const { tracer, health } = options
  const instruments = new Map<string, OtelInstrument>()
  const { measure, measureLookup, collect } = createMeasure(
    {
      add: (name, labels, by = 1) => instruments.get(name)?.tell(labels, by),
      set: (name, labels, value) => instruments.get(name)?.tell(labels, value),
      observe: (name, labels, value) => instruments.get(name)?.tell(labels, value),
    },
    health,
    (row, key) =>
      instruments.set(
        key,
        instrumentOf(meter, row, () => collect()),
      ),
  )
  const listening = listen(FACTORY, (event) => {
    measure(event)
    if (tracer !== undefined) traceVerdict(tracer, event)
  })
  const lookups = listenToLookups(FACTORY, measureLookup)
  return {
    stop() {
      listening.stop()
      lookups.stop()
      for (const { stop } of instruments.values()) stop()
    },
  }
}

interface OtelInstrument {
  readonly tell: (labels: readonly string[], value: number) => void
  readonly stop: () => void
}

/** A figure that a meter was given cannot be taken back. */
const stop = (): void => undefined

function instrumentOf(meter: OtelMeter, row: Instrument, collect: () => void): OtelInstrument {
  const { name, kind, help: description, unit } = row
  const options = { description, ...(unit === undefined ? {} : { unit: 's' }) }
  if (kind === 'gauge') return gaugeOf(meter.createObservableGauge(name, options), row, collect)
  if (kind === 'counter') {
    const counter = meter.createCounter(name, options)
    return { tell: (labels, by) => counter.add(by, attributesOf(row, labels)), stop }
  }
  const advice = { explicitBucketBoundaries: BUCKETS }
  const histogram = meter.createHistogram(name, { ...options, advice })
  return { tell: (labels, value) => histogram.record(value, attributesOf(row, labels)), stop }
}

/** Of a gauge the latest value is read, whenever somebody collects. */
function gaugeOf(gauge: OtelGauge, row: Instrument, collect: () => void): OtelInstrument {
  const latest = new Map<string, { readonly value: number; readonly attributes: OtelAttributes }>()
  const read = (result: OtelResult): void => {
    if (row.fromHealth === true) collect()
    for (const { value, attributes } of latest.values()) result.observe(value, attributes)
  }
  gauge.addCallback(read)
  return {
    tell(labels, value) {
      latest.set(labels.join('\n'), { value, attributes: attributesOf(row, labels) })
    },
    stop: () => gauge.removeCallback(read),
  }
}

function attributesOf({ labels }: Instrument, values: readonly string[]): OtelAttributes {
  const attributes: OtelAttributes = {}
  for (const [index, label] of labels.entries()) {
    const value = values[index] ?? ''
    if (value !== '') attributes[label === 'reason' ? 'error.type' : `ers.${label}`] = value
  }
  return attributes
}

function traceVerdict(tracer: OtelTracer, event: AuthEvent): void {
  if (event.name !== 'bearer.accepted' && event.name !== 'request.refused') return
  const { guard, durationMs } = event
  if (durationMs === undefined) return
  const endTime = performance.timeOrigin + performance.now()
  const refused = event.name === 'request.refused' ? event : undefined
  const outcome = refused === undefined ? 'accepted' : outcomeOf(refused)
  const labels = [guard, outcome, refused === undefined ? '' : reasonLabel(refused.reason)]
  const span = tracer.startSpan('ers.verdict', {
    startTime: endTime - durationMs,
    attributes: attributesOf(INSTRUMENTS.verdicts, labels),
  })
  // A refusal is an answer like any other; only that we cannot know is a fault of ours.
  if (outcome === 'unavailable') span.setStatus({ code: STATUS_ERROR })
  span.end(endTime)
}

function isMeter(value: unknown): value is OtelMeter {
  if (!isRecord(value)) return false
  return ['createCounter', 'createHistogram', 'createObservableGauge'].every(
    (name) => typeof value[name] === 'function',
  )
}
