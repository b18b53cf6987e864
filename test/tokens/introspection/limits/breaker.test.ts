import { beforeEach, describe, expect, it } from '@jest/globals'
import { FetchError } from '../../../../lib/net/fetch-error.js'
import { Breaker } from '../../../../lib/tokens/introspection/limits/breaker.js'
import { manualTimer, type ManualTimer } from '../../../support/manual-timer.js'

let timer: ManualTimer
let breaker: Breaker

beforeEach(() => {
  timer = manualTimer()
  breaker = new Breaker(timer)
})

const fail = (options: object = {}): void => breaker.failed(new FetchError('no', options))

describe('the breaker', () => {
  it('keeps nobody waiting at first', () => {
    expect([breaker.waitSeconds(), breaker.failure]).toEqual([0, undefined])
  })

  it.each([401, 403, 429])('closes at once for %i', (status) => {
    fail({ status })
    expect(breaker.waitSeconds()).toBeGreaterThan(0)
    expect(breaker.failure).toBe('no')
  })

  it('closes at once for as long as it was asked to', async () => {
    fail({ status: 503, retryAfterSeconds: 7 })
    expect(breaker.waitSeconds()).toBe(7)
    await timer.advance(6999)
    expect(breaker.waitSeconds()).toBeCloseTo(0.001)
    await timer.advance(1)
    expect(breaker.waitSeconds()).toBe(0)
    await timer.advance(1000)
    expect(breaker.waitSeconds()).toBe(0)
  })

  it('closes after three failures of another kind, for 1 to 5 seconds', () => {
    fail({ status: 500 })
    fail()
    expect(breaker.waitSeconds()).toBe(0)
    fail({ status: 404 })
    expect(breaker.waitSeconds()).toBeGreaterThanOrEqual(1)
    for (let more = 0; more < 20; more += 1) fail()
    expect(breaker.waitSeconds()).toBeLessThanOrEqual(5)
  })

  it('opens with a success, which says whether it had failed, and counts anew', () => {
    expect(breaker.succeeded()).toBe(false)
    fail({ status: 429 })
    expect(breaker.succeeded()).toBe(true)
    expect([breaker.waitSeconds(), breaker.failure]).toEqual([0, undefined])
    fail()
    fail()
    expect(breaker.waitSeconds()).toBe(0)
  })
})
