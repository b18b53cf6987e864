import { afterEach, describe, expect, it } from '@jest/globals'
import { channel } from 'node:diagnostics_channel'
import { EVENT_CHANNEL, type AuthEvent } from '../../../lib/index.js'
import { pinoAudit, type AuditLogger, type Subscription } from '../../../lib/metrics.js'
import { createThinning, type Thinned, type Thinning } from '../../../lib/metrics/audit/thinning.js'
import { manualTimer, type ManualTimer } from '../../support/manual-timer.js'

function thinning(limit: number): { thin: Thinning; timer: ManualTimer; told: Thinned[] } {
  const timer = manualTimer()
  const told: Thinned[] = []
  return { thin: createThinning(limit, timer, (thinned) => told.push(thinned)), timer, told }
}

/** How many of so many pass. */
function passed(thin: Thinning, count: number, kind = 'expired', network = 'a'): number {
  return Array.from({ length: count }, () => thin.admit(kind, network)).filter(Boolean).length
}

const refused = (reason: string): AuthEvent =>
  ({ name: 'request.refused', code: 'invalid_token', family: 'credential', reason }) as never

describe('a flood', () => {
  it('is written up to the limit of each kind and network, and told as a count', async () => {
    const { thin, timer, told } = thinning(5)
    expect(passed(thin, 100)).toBe(5)
    expect(passed(thin, 3, 'expired', 'b')).toBe(3)
    expect(passed(thin, 10, 'bad_signature')).toBe(5)
    expect(told).toEqual([])
    await timer.advance(60_000)
    expect(told).toEqual([
      { kind: 'expired', count: 95, networks: 1 },
      { kind: 'bad_signature', count: 5, networks: 1 },
    ])
  })

  it('is written again in the next minute', async () => {
    const { thin, timer, told } = thinning(5)
    expect(passed(thin, 100)).toBe(5)
    await timer.advance(59_999)
    expect(passed(thin, 1)).toBe(0)
    await timer.advance(1)
    expect(passed(thin, 100)).toBe(5)
    expect(told).toHaveLength(1)
  })

  it('of ten thousand networks is bounded as well, in records and in memory', async () => {
    const { thin, timer, told } = thinning(5)
    const before = process.memoryUsage().heapUsed
    let written = 0
    for (let network = 0; network < 100_000; network += 1) {
      written += passed(thin, 1, 'expired', `network-${network}`)
    }
    expect(written).toBe(50)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000)
    await timer.advance(60_000)
    expect(told).toEqual([{ kind: 'expired', count: 99_950, networks: expect.any(Number) }])
    expect(told[0]?.networks).toBeLessThanOrEqual(10_001)
  })

  it('of ten thousand networks hides nothing of another kind', () => {
    const { thin } = thinning(5)
    for (let network = 0; network < 20_000; network += 1) {
      thin.admit('no_credential', `network-${network}`)
    }
    expect(passed(thin, 9, 'revoked', 'a')).toBe(5)
    expect(passed(thin, 9, 'revoked', 'b')).toBe(5)
  })

  it('that ended leaves no timer, and one that is small tells nothing', async () => {
    const { thin, timer, told } = thinning(5)
    expect(passed(thin, 5)).toBe(5)
    await timer.advance(60_000)
    expect(timer.pending()).toBe(0)
    expect(told).toEqual([])
  })

  it('is told of when it is stopped', () => {
    const { thin, timer, told } = thinning(1)
    expect(passed(thin, 3)).toBe(1)
    thin.stop()
    expect(told).toEqual([{ kind: 'expired', count: 2, networks: 1 }])
    expect(timer.pending()).toBe(0)
  })
})

describe('pinoAudit in a flood', () => {
  const events = channel(EVENT_CHANNEL)
  const records: Readonly<Record<string, unknown>>[] = []
  let audit: Subscription | undefined

  const write = (fields: object): void => void records.push(fields as Record<string, unknown>)
  const logger: AuditLogger = { debug: write, info: write, warn: write, error: write }
  const flood = (event: AuthEvent, count = 1000): void => {
    for (let each = 0; each < count; each += 1) events.publish(event)
  }
  const written = (name: string): number => records.filter(({ event }) => event === name).length

  afterEach(() => {
    audit?.stop()
    records.length = 0
  })

  it('writes a hundred refusals of a reason, then their number', () => {
    audit = pinoAudit(logger)
    flood(refused('expired'))
    flood(refused('bad_signature'), 10)
    expect(written('request.refused')).toBe(110)
    audit.stop()
    expect(records.at(-1)).toEqual({
      datetime: expect.any(String),
      event: 'audit.thinned',
      owasp: 'excess_rate_limit_exceeded',
      reason: 'expired',
      count: 900,
      networks: 1,
      window_seconds: 60,
    })
  })

  it.each(['cors.rejected', 'csrf.reported', 'csrf.exempt'])('thins %s as well', (name) => {
    audit = pinoAudit(logger, { refusalsPerMinute: 7 })
    flood({ name, code: 'x', detail: 'y', origin: 'z', guard: 'g', exemption: 'e' } as never)
    expect(written(name)).toBe(7)
  })

  it.each([
    'token.revoked',
    'logout.received',
    'signal.received',
    'signal.stream',
    'family.reused',
    'session.ended',
    'keys.compromised',
    'keys.stale',
    'revocation.state',
    'revocation.bypassed',
    'anomaly.detected',
    'guard.misplaced',
    'bearer.accepted',
  ])('never thins %s', (name) => {
    audit = pinoAudit(logger, { refusalsPerMinute: 1 })
    flood({ name, state: 'lost', rule: 'brute_force', status: 'paused' } as never)
    expect(written(name)).toBe(1000)
  })

  it('puts reasons of apps together, of which there may be many', () => {
    audit = pinoAudit(logger, { refusalsPerMinute: 5 })
    for (let each = 0; each < 100; each += 1) events.publish(refused(`mine-${each}`))
    expect(written('request.refused')).toBe(5)
  })

  it('writes all where that is asked for', () => {
    audit = pinoAudit(logger, { refusalsPerMinute: false })
    flood(refused('expired'))
    expect(written('request.refused')).toBe(1000)
  })

  it.each([0, 1.5, -1, '5', Number.NaN])('refuses %p for a limit', (refusalsPerMinute) => {
    expect(() => pinoAudit(logger, { refusalsPerMinute } as never)).toThrow(
      /"refusalsPerMinute" must be a whole number from 1/,
    )
  })
})
