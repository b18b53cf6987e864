import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { HOUR, MINUTE, manageKeys, SECOND, type ManagedKeys } from '../../support/managed-keys.js'

let keys: ManagedKeys

beforeEach(async () => {
  keys = await manageKeys()
})

afterEach(() => {
  keys.manager.close()
  jest.restoreAllMocks()
})

describe('createKeyManager: empty to fresh', () => {
  it('fetches nothing before the first request', () => {
    expect(keys.issuer.fetches).toBe(0)
    expect(keys.manager.status()).toMatchObject({ state: 'empty', generation: 0, keyIds: [] })
    expect(keys.timer.pending()).toBe(0)
  })

  it('makes one fetch for 500 requests that come at once (DISC-06)', async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => keys.found('a')))
    expect(new Set(answers)).toEqual(new Set([1]))
    expect(keys.issuer.fetches).toBe(1)
  })

  it('is ready without another fetch, once it has keys', async () => {
    await keys.manager.ready()
    await keys.manager.ready()
    expect(keys.issuer.fetches).toBe(1)
  })

  it('vouches for no key before it has any', async () => {
    const other = await manageKeys()
    const [key] = await other.manager.find('a')
    expect(keys.manager.holds(key!)).toBe(false)
    other.manager.close()
  })

  it('answers for a known key without a promise', async () => {
    await keys.manager.ready()
    expect(Array.isArray(keys.manager.find('a'))).toBe(true)
  })

  it('hands out all keys for a token without kid (7517-08)', async () => {
    keys.issuer.answer = { keyIds: ['a', 'b', 'c'] }
    expect(await keys.found(undefined)).toBe(3)
    expect(keys.issuer.fetches).toBe(1)
  })

  it('reports its state', async () => {
    await keys.manager.ready()
    await keys.timer.advance(10 * SECOND)
    expect(keys.manager.status()).toMatchObject({
      state: 'fresh',
      generation: 1,
      keyIds: ['a'],
      ageSeconds: 10,
      lastError: undefined,
    })
    expect(keys.events('keys.refreshed')).toEqual([
      { name: 'keys.refreshed', issuer: 'https://id.test', keyIds: ['a'] },
    ])
    expect(keys.events('keys.recovered')).toEqual([])
  })
})

describe('createKeyManager: refreshing ahead', () => {
  it.each([
    ['no Cache-Control: 10 minutes', {}, 540 * 0.95, 540],
    ['max-age within bounds', { maxAgeSeconds: 3600 }, 3240 * 0.95, 3240],
    ['max-age below a minute counts as a minute', { maxAgeSeconds: 0 }, 30 * 0.95, 30],
    ['max-age above a day counts as a day', { maxAgeSeconds: 1e9 }, 77_760 * 0.95, 77_760],
  ])('%s', async (_name, answer, earliest, latest) => {
    keys.issuer.answer = { keyIds: ['a'], ...answer }
    await keys.manager.ready()
    const dueIn = keys.manager.status().nextRefreshInSeconds!
    expect(dueIn).toBeGreaterThanOrEqual(earliest)
    expect(dueIn).toBeLessThanOrEqual(latest)
    await keys.timer.advance(dueIn * SECOND)
    expect(keys.issuer.fetches).toBe(2)
    expect(keys.manager.status()).toMatchObject({ state: 'fresh', ageSeconds: 0, generation: 1 })
  })

  it('lets ttlSeconds overrule Cache-Control', async () => {
    keys = await manageKeys({ ttlSeconds: 100 })
    keys.issuer.answer = { keyIds: ['a'], maxAgeSeconds: 86_400 }
    await keys.manager.ready()
    expect(keys.manager.status().nextRefreshInSeconds).toBeLessThanOrEqual(70)
  })

  it('spreads the refreshes of many processes', async () => {
    const random = jest.spyOn(Math, 'random')
    const dueIn = async (value: number): Promise<number> => {
      random.mockReturnValue(value)
      const { manager: other } = await manageKeys()
      await other.ready()
      const { nextRefreshInSeconds } = other.status()
      other.close()
      return nextRefreshInSeconds!
    }
    expect(await dueIn(0)).toBe(540)
    expect(await dueIn(0.999999)).toBeCloseTo(513, 0)
  })

  it.each([
    [10, 5],
    [40, 20],
    [100, 70],
    [1000, 900],
  ])('refreshes a set of %d s ahead of its end, after %d s at the latest', async (ttl, latest) => {
    keys = await manageKeys({ ttlSeconds: ttl })
    await keys.manager.ready()
    const dueIn = keys.manager.status().nextRefreshInSeconds!
    expect(dueIn).toBeGreaterThanOrEqual(latest * 0.95)
    expect(dueIn).toBeLessThanOrEqual(latest)
  })

  it('survives a lifetime longer than a timer can count, without refreshing in a loop', async () => {
    keys = await manageKeys({ ttlSeconds: 31_536_000 })
    await keys.manager.ready()
    expect(keys.manager.status().nextRefreshInSeconds).toBe((2 ** 31 - 1) / 1000)
  })

  it('keeps serving while a refresh is under way', async () => {
    await keys.manager.ready()
    keys.issuer.held = true
    await keys.timer.advance(9 * MINUTE)
    expect(keys.issuer.fetches).toBe(2)
    expect(await keys.found('a')).toBe(1)
    keys.issuer.release()
  })

  it('keeps the generation of an unchanged set and raises that of a changed one', async () => {
    await keys.manager.ready()
    await keys.timer.advance(9 * MINUTE)
    expect(keys.manager.generation()).toBe(1)
    keys.issuer.answer = { keyIds: ['a', 'b'] }
    await keys.timer.advance(9 * MINUTE)
    expect(keys.manager.generation()).toBe(2)
    expect(keys.events('keys.refreshed')).toHaveLength(2)
  })

  it('drops a withdrawn key at once (7517-10)', async () => {
    keys.issuer.answer = { keyIds: ['a', 'b'] }
    await keys.manager.ready()
    keys.issuer.answer = { keyIds: ['b'] }
    await keys.timer.advance(9 * MINUTE)
    expect(await keys.found('b')).toBe(1)
    expect(await keys.found('a')).toBe(0)
  })
})

describe('createKeyManager: close', () => {
  it.each<[string, string | undefined]>([
    ['a key it holds', 'a'],
    ['a key it does not hold', 'x'],
    ['a token without kid', undefined],
  ])('answers "unavailable" for %s from then on, and asks nobody', async (_name, keyId) => {
    await keys.manager.ready()
    const [key] = await keys.manager.find('a')
    keys.manager.close()
    expect(await keys.found(keyId)).toBe('unavailable, retry after 1')
    await expect(keys.manager.ready()).rejects.toThrow(/closed/)
    await expect(keys.manager.refetch(() => true)).rejects.toThrow(/closed/)
    expect(keys.manager.holds(key!)).toBe(false)
    expect(keys.issuer.fetches).toBe(1)
  })

  it('answers "unavailable" to those who wait for a fetch', async () => {
    keys.issuer.held = true
    const found = keys.found('a')
    keys.manager.close()
    keys.issuer.release()
    expect(await found).toMatch(/^unavailable/)
  })

  it('vouches no longer for its keys: it would not hear of their withdrawal', async () => {
    const [key] = await keys.manager.find('a')
    expect(keys.manager.holds(key!)).toBe(true)
    keys.manager.close()
    expect(keys.manager.holds(key!)).toBe(false)
  })

  it('leaves no timer, and ends the refresh under way', async () => {
    await keys.manager.ready()
    keys.issuer.answer = 'silence'
    const waiting = keys.found('x')
    keys.manager.close()
    expect(await waiting).toMatch(/^unavailable/)
    expect(keys.timer.pending()).toBe(0)
    expect(keys.events('keys.failed')).toEqual([])
    await keys.timer.advance(24 * HOUR)
    expect(keys.issuer.fetches).toBe(2)
  })
})
