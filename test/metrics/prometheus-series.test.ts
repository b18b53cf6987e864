import { describe, expect, it } from '@jest/globals'
import type { Instrument } from '../../lib/metrics/instruments.js'
import { PrometheusSeries } from '../../lib/metrics/prometheus-series.js'

const instrument = (
  kind: Instrument['kind'],
  labels: readonly string[] = ['a', 'b'],
): Instrument => ({
  name: 'ers.x',
  kind,
  help: 'Help.',
  labels,
})
const series = (kind: Instrument['kind'], collect = (): void => undefined): PrometheusSeries =>
  new PrometheusSeries('ers_x', instrument(kind), [1, 2.5], collect)

describe('a counter', () => {
  it('adds up, series by series', async () => {
    const counter = series('counter')
    counter.add(['x', 'y'], 1)
    counter.add(['x', 'y'], 2)
    counter.add(['x', 'z'], 0)
    expect(await counter.get()).toEqual({
      name: 'ers_x',
      help: 'Help.',
      type: 'counter',
      aggregator: 'sum',
      values: [
        { labels: { a: 'x', b: 'y' }, value: 3 },
        { labels: { a: 'x', b: 'z' }, value: 0 },
      ],
    })
  })

  it('keeps values apart that read alike when joined', async () => {
    const counter = series('counter')
    counter.add(['x', 'yz'], 1)
    counter.add(['xy', 'z'], 1)
    expect((await counter.get()).values).toHaveLength(2)
  })

  it('has an empty label for a value that lacks', async () => {
    const counter = series('counter')
    counter.add(['x'], 1)
    expect((await counter.get()).values).toEqual([{ labels: { a: 'x', b: '' }, value: 1 }])
  })

  it('is empty after a reset, and counts on', async () => {
    const counter = series('counter')
    counter.add(['x', 'y'], 5)
    counter.reset()
    expect((await counter.get()).values).toEqual([])
    counter.add(['x', 'y'], 1)
    expect((await counter.get()).values).toMatchObject([{ value: 1 }])
  })
})

describe('a gauge', () => {
  it('holds the last value; of a cluster the lowest counts', async () => {
    const gauge = series('gauge')
    gauge.set(['x', 'y'], 1)
    gauge.set(['x', 'y'], 0)
    expect(await gauge.get()).toMatchObject({ aggregator: 'min', values: [{ value: 0 }] })
  })

  it('asks for figures before each scrape', async () => {
    let value = 0
    const gauge = series('gauge', () => gauge.set(['x', 'y'], (value += 1)))
    await gauge.get()
    expect((await gauge.get()).values).toMatchObject([{ value: 2 }])
  })
})

describe('a histogram', () => {
  it('counts a value in its bucket and in all above it', async () => {
    const histogram = series('histogram')
    for (const value of [0, 1, 1.0001, 2.5, 2.6]) histogram.observe(['x', 'y'], value)
    const labels = { a: 'x', b: 'y' }
    expect((await histogram.get()).values).toEqual([
      { metricName: 'ers_x_bucket', labels: { le: 1, ...labels }, value: 2 },
      { metricName: 'ers_x_bucket', labels: { le: 2.5, ...labels }, value: 4 },
      { metricName: 'ers_x_bucket', labels: { le: '+Inf', ...labels }, value: 5 },
      { metricName: 'ers_x_sum', labels, value: expect.closeTo(7.1001, 8) },
      { metricName: 'ers_x_count', labels, value: 5 },
    ])
  })

  it('writes its buckets under a name that was changed since', async () => {
    const histogram = series('histogram')
    histogram.observe(['x', 'y'], 1)
    histogram.name = 'other'
    expect((await histogram.get()).values[0]).toMatchObject({ metricName: 'other_bucket' })
  })
})
