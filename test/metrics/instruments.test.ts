import { describe, expect, it } from '@jest/globals'
import { BUCKETS, INSTRUMENTS } from '../../lib/metrics/instruments.js'

describe('instruments', () => {
  it.each(Object.values(INSTRUMENTS))('$name is named as OpenTelemetry names things', (one) => {
    expect(one.name).toMatch(/^ers(\.[a-z]+)+$/)
    expect(one.help).toMatch(/\.$/)
    expect(one.labels.every((label) => /^[a-z]+$/.test(label))).toBe(true)
    expect(one.kind === 'histogram' && one.unit !== 'seconds').toBe(false)
  })

  it('stand for one thing each', () => {
    const names = Object.values(INSTRUMENTS).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('from health are gauges, read when somebody asks', () => {
    const read = Object.values(INSTRUMENTS).filter(({ fromHealth }) => fromHealth)
    expect(read.map(({ name, kind }) => [name, kind])).toEqual([
      ['ers.ready', 'gauge'],
      ['ers.keys.usable', 'gauge'],
    ])
  })
})

it('buckets grow from 10 µs, a token that is known, to 2.5 s, the deadline of a fetch', () => {
  expect(BUCKETS).toEqual(BUCKETS.toSorted((a, b) => a - b))
  expect([BUCKETS[0], BUCKETS.at(-1), BUCKETS.length]).toEqual([0.00001, 2.5, 17])
})
