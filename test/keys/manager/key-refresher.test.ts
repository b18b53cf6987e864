import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { FetchError } from '../../../lib/net/fetch-error.js'
import { KeysUnavailable } from '../../../lib/keys/key-source.js'
import { HOUR, MINUTE, manageKeys, SECOND, type ManagedKeys } from '../../support/managed-keys.js'
import { settle } from '../../support/manual-timer.js'

const DOWN = { fails: new FetchError('down', { status: 500 }) } as const

let keys: ManagedKeys

beforeEach(async () => {
  keys = await manageKeys()
})

afterEach(() => {
  keys.manager.close()
  jest.restoreAllMocks()
})

describe('createKeyManager: fresh to stale to dead', () => {
  beforeEach(async () => {
    await keys.manager.ready()
    keys.issuer.answer = DOWN
  })

  it('serves a stale set for maxStaleSeconds past its lifetime, then nothing', async () => {
    await keys.timer.advance(10 * MINUTE - 1)
    expect(keys.manager.status().state).toBe('fresh')
    await keys.timer.advance(1)
    expect(keys.manager.status().state).toBe('stale')
    await keys.timer.advance(HOUR - 1)
    expect(await keys.found('a')).toBe(1)
    await keys.timer.advance(1)
    expect(keys.manager.status()).toMatchObject({ state: 'dead', lastError: 'down', generation: 1 })
    expect(keys.manager.generation()).toBe(0)
    expect(await keys.found('a')).toMatch(/^unavailable/)
  })

  it('reports each failure, the stale set once, and the recovery', async () => {
    await keys.timer.advance(10 * MINUTE - 1)
    expect(keys.events('keys.failed').length).toBeGreaterThan(2)
    expect(keys.events('keys.stale')).toEqual([])
    await keys.timer.advance(20 * MINUTE)
    expect(keys.events('keys.failed').length).toBeGreaterThan(20)
    const [stale, ...more] = keys.events('keys.stale') as readonly {
      ageSeconds: number
      usableSeconds: number
    }[]
    expect(more).toEqual([])
    expect(stale!.ageSeconds).toBeGreaterThanOrEqual(600)
    expect(stale!.ageSeconds).toBeLessThanOrEqual(660)
    expect(stale!.ageSeconds + stale!.usableSeconds).toBe(600 + 3600)
    const { ageSeconds, usableSeconds } = keys.manager.status()
    expect(ageSeconds! + usableSeconds!).toBeCloseTo(600 + 3600, 0)
    keys.issuer.answer = { keyIds: ['a'] }
    await keys.timer.advance(MINUTE)
    expect(keys.events('keys.recovered')).toHaveLength(1)
    expect(keys.manager.status()).toMatchObject({ state: 'fresh', lastError: undefined })
  })

  it('backs off: 1 second, doubled, up to a minute, half of it random', async () => {
    const most = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    for (const [index, longest] of most.entries()) {
      await keys.timer.advance(Math.ceil(keys.manager.status().nextRefreshInSeconds! * SECOND))
      expect(keys.issuer.fetches).toBe(2 + index)
      const wait = keys.manager.status().nextRefreshInSeconds!
      expect(wait).toBeLessThanOrEqual(longest)
      expect(wait).toBeGreaterThanOrEqual(longest / 2 - 0.001)
    }
  })

  it.each([
    [0, 0.5],
    [0.999_999, 1],
  ])('does not let all processes come back at once: random %d waits %d s', async (random, wait) => {
    jest.spyOn(Math, 'random').mockReturnValue(random)
    await keys.timer.advance(Math.ceil(keys.manager.status().nextRefreshInSeconds! * SECOND))
    expect(keys.manager.status().nextRefreshInSeconds).toBeCloseTo(wait, 2)
  })

  it('stops knocking once dead, and asks again for a request', async () => {
    await keys.timer.advance(2 * HOUR)
    const before = keys.issuer.fetches
    await keys.timer.advance(24 * HOUR)
    expect(keys.issuer.fetches).toBe(before)
    expect(keys.timer.pending()).toBe(0)
    expect(keys.manager.status().nextRefreshInSeconds).toBeUndefined()
    keys.issuer.answer = { keyIds: ['a'] }
    expect(await keys.found('a')).toBe(1)
  })

  it('never loses a good set to a bad answer, and says what was bad', async () => {
    keys.issuer.answer = { keyIds: [] }
    await keys.timer.advance(9 * MINUTE)
    expect(await keys.found('a')).toBe(1)
    expect(keys.manager.status().lastError).toMatch(/no usable signing key/)
  })
})

describe('createKeyManager: an issuer that is down at first', () => {
  it('answers "unavailable" with a time to come back, and remembers the failure', async () => {
    keys.issuer.answer = DOWN
    await expect(keys.manager.find('a')).rejects.toThrow(/^down$/)
    expect(await keys.found('a')).toBe('unavailable, retry after 1')
    for (let count = 0; count < 100; count += 1)
      expect(await keys.found('a')).toMatch(/^unavailable/)
    expect(keys.issuer.fetches).toBe(1)
  })

  it('asks again within 5 seconds, however long the outage', async () => {
    keys.issuer.answer = DOWN
    for (let count = 0; count < 20; count += 1) {
      await keys.found('a')
      await keys.timer.advance(5 * SECOND)
    }
    expect(keys.issuer.fetches).toBe(20)
    keys.issuer.answer = { keyIds: ['a'] }
    expect(await keys.found('a')).toBe(1)
  })

  it.each([
    [10, 10],
    [60, 60],
    [3600, 60],
  ])('honours Retry-After: %d as %d seconds', async (asked, honoured) => {
    keys.issuer.answer = {
      fails: new FetchError('busy', { status: 503, retryAfterSeconds: asked }),
    }
    expect(await keys.found('a')).toBe(`unavailable, retry after ${honoured}`)
    await keys.timer.advance(honoured * SECOND - 1)
    await keys.found('a')
    expect(keys.issuer.fetches).toBe(1)
    keys.issuer.answer = { keyIds: ['a'] }
    await keys.timer.advance(1)
    expect(await keys.found('a')).toBe(1)
  })

  it('answers at the deadline when the issuer is silent', async () => {
    keys.issuer.answer = 'silence'
    const answer = keys.found('a')
    await keys.timer.advance(2499)
    let answered = false
    void answer.then(() => (answered = true))
    await settle()
    expect(answered).toBe(false)
    await keys.timer.advance(1)
    expect(await answer).toMatch(/^unavailable/)
    expect(keys.timer.pending()).toBe(0)
  })

  it('rejects ready() and resolves it once there are keys', async () => {
    keys.issuer.answer = DOWN
    await expect(keys.manager.ready()).rejects.toThrow(KeysUnavailable)
    keys.issuer.answer = { keyIds: ['a'] }
    await keys.timer.advance(SECOND)
    await keys.manager.ready()
  })
})
