import type { Instrument } from './instruments.js'

/** One line of the text format, as a registry of prom-client writes it. */
interface Line {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

export interface Collected {
  readonly name: string
  readonly help: string
  readonly type: Instrument['kind']
  readonly aggregator: 'sum' | 'min'
  readonly values: readonly Line[]
}

interface Series {
  readonly labels: Readonly<Record<string, string>>
  value: number
  /** Of a histogram: how many values fell into each bucket, and above them all. */
  readonly counts: Float64Array
}

/** Cannot be in a label: those are names of ours, or printable. */
const SEPARATOR = '\n'

/**
 * The figures of one instrument, in the shape that a registry of prom-client collects. Labels are
 * never checked or hashed here, as its own classes do: that would cost more than the verdict.
 */
export class PrometheusSeries {
  /** A registry for OpenMetrics takes the `_total` away from it. */
  name: string
  readonly type: Instrument['kind']
  readonly #instrument: Instrument
  readonly #buckets: readonly number[]
  readonly #series = new Map<string, Series>()
  readonly #collect: () => void

  /** @param collect Called before each scrape. */
  constructor(
    name: string,
    instrument: Instrument,
    buckets: readonly number[],
    collect: () => void,
  ) {
    this.name = name
    this.type = instrument.kind
    this.#instrument = instrument
    this.#buckets = buckets
    this.#collect = collect
  }

  add(values: readonly string[], by: number): void {
    this.#of(values).value += by
  }

  set(values: readonly string[], value: number): void {
    this.#of(values).value = value
  }

  observe(values: readonly string[], value: number): void {
    const series = this.#of(values)
    series.value += value
    let bucket = 0
    while (bucket < this.#buckets.length && value > this.#buckets[bucket]!) bucket += 1
    series.counts[bucket]! += 1
  }

  get(): Promise<Collected> {
    this.#collect()
    const { type } = this
    const { help } = this.#instrument
    const values = [...this.#series.values()].flatMap((series) =>
      type === 'histogram'
        ? this.#linesOf(series)
        : [{ labels: series.labels, value: series.value }],
    )
    // The process that is worst off counts for its cluster.
    const aggregator = type === 'gauge' ? 'min' : 'sum'
    return Promise.resolve({ name: this.name, help, type, aggregator, values })
  }

  reset(): void {
    this.#series.clear()
  }

  #of(values: readonly string[]): Series {
    const key = values.join(SEPARATOR)
    let series = this.#series.get(key)
    if (series === undefined) {
      const { labels, kind } = this.#instrument
      series = {
        labels: Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])),
        value: 0,
        counts: new Float64Array(kind === 'histogram' ? this.#buckets.length + 1 : 0),
      }
      this.#series.set(key, series)
    }
    return series
  }

  #linesOf({ labels, value, counts }: Series): readonly Line[] {
    let count = 0
    const lines: Line[] = [...this.#buckets, '+Inf'].map((le, index) => {
      count += counts[index]!
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: count }
    })
    lines.push({ metricName: `${this.name}_sum`, labels, value })
    lines.push({ metricName: `${this.name}_count`, labels, value: count })
    return lines
  }
}
