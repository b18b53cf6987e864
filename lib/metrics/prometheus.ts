import { optionCheck } from '../core/options/option-check.js'
import { isRecord } from '../core/values.js'
import type { Health } from './health.js'
import { BUCKETS, type Instrument } from './instruments.js'
import { createMeasure, type Measure } from './measure.js'
import { PrometheusSeries } from './prometheus-series.js'
import { listen, listenToLookups, type Subscription } from './listening/subscription.js'

/** As much of a registry of prom-client as is needed: `register`, or one of your own. */
export interface PrometheusRegister {
  registerMetric(metric: PrometheusMetric): void
  removeSingleMetric(name: string): void
}

export interface PrometheusMetric {
  get(): Promise<unknown>
  reset(): void
}

export interface PrometheusMetricsOptions {
  /** What `health()` returned: adds gauges of what is ready, and for how long keys are served. Asked at each scrape. @default none */
  readonly health?: Health | undefined
}

const FACTORY = 'prometheusMetrics'

/**
 * Counts every verdict and event of this process into a registry of prom-client, once each. Labels are
 * from closed sets or bounded ones, so that no flood makes more series. docs/reference/metrics.md lists
 * the metrics, docs/operate.md the alarms.
 *
 * @example
 * const metrics = prometheusMetrics(register)
 * app.get('/metrics', async (_req, res) => res.type(register.contentType).send(await register.metrics()))
 *
 * @returns `stop()` ends it, and takes the metrics out of the registry.
 * @throws TypeError for what is no registry; Error where the registry has these metrics already.
 */
export function prometheusMetrics(
  register: PrometheusRegister,
  options: PrometheusMetricsOptions = {},
): Subscription {
  const check = optionCheck(FACTORY)
  if (!isRegister(register)) check.refuse('register', 'be a registry of prom-client', register)
  check.known(options, ['health'])
  const series = new Map<string, PrometheusSeries>()
  const names: string[] = []

  function open(instrument: Instrument, key: string): void {
    const name = prometheusName(instrument)
    const ask = instrument.fromHealth === true ? () => collect() : () => undefined
    const made = new PrometheusSeries(name, instrument, BUCKETS, ask)
    register.registerMetric(made)
    names.push(name)
    series.set(key, made)
  }

  function remove(): void {
    for (const name of names) register.removeSingleMetric(name)
  }

  function openAll(): Measure {
    try {
      return createMeasure(
        {
          add: (name, labels, by = 1) => series.get(name)?.add(labels, by),
          set: (name, labels, value) => series.get(name)?.set(labels, value),
          observe: (name, labels, value) => series.get(name)?.observe(labels, value),
        },
        options.health,
        open,
      )
    } catch (error) {
      remove()
      throw error
    }
  }

  const { measure, measureLookup, collect } = openAll()
  const listening = listen(FACTORY, measure)
  const lookups = listenToLookups(FACTORY, measureLookup)
  return {
    stop() {
      listening.stop()
      lookups.stop()
      remove()
    },
  }
}

function prometheusName({ name, kind, unit }: Instrument): string {
  const base = name.replaceAll('.', '_')
  if (kind === 'counter') return `${base}_total`
  return unit === undefined ? base : `${base}_${unit}`
}

function isRegister(value: unknown): value is PrometheusRegister {
  return (
    isRecord(value) &&
    typeof value['registerMetric'] === 'function' &&
    typeof value['removeSingleMetric'] === 'function'
  )
}
