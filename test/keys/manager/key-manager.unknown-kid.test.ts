import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { FetchError } from '../../../lib/net/fetch-error.js'
import { KeysUnavailable, WorkDenied } from '../../../lib/keys/key-source.js'
import { MINUTE, manageKeys, SECOND, type ManagedKeys } from '../../support/managed-keys.js'

const DOWN = { fails: new FetchError('down', { status: 500 }) } as const

let keys: ManagedKeys

beforeEach(async () => {
  keys = await manageKeys()
})

afterEach(() => {
  keys.manager.close()
})

describe('createKeyManager: unknown kids at the first fetch', () => {
  it('are looked for once more by requests that joined it', async () => {
    keys.issuer.held = true
    const early = keys.found('x')
    const late = keys.found('b')
    keys.issuer.answer = { keyIds: ['a', 'b'] }
    keys.issuer.release()
    expect(await early).toBe(0)
    expect(await late).toBe(1)
    expect(keys.issuer.fetches).toBe(2)
  })

  it('cost at most two fetches more for 10,000 of them', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, (_, index) => keys.found(`forged-${index}`)),
    )
    expect(new Set(answers)).toEqual(new Set([0]))
    expect(keys.issuer.fetches).toBe(1 + 2)
  })
})

describe('createKeyManager: unknown kids', () => {
  beforeEach(() => keys.manager.ready())

  it('finds a rotated key with one refetch, right after a fetch (7517-09)', async () => {
    keys.issuer.answer = { keyIds: ['a', 'b'] }
    expect(await Promise.all([keys.found('b'), keys.found('b'), keys.found('b')])).toEqual([
      1, 1, 1,
    ])
    expect(keys.issuer.fetches).toBe(2)
  })

  it('spends the budget and no more on a flood, while known keys pass (7517-09)', async () => {
    for (let count = 0; count < 1000; count += 1) {
      expect(await keys.found(`forged-${count}`)).toBe(
        count < 5 ? 0 : 'unavailable, retry after 30',
      )
      expect(await keys.found('a')).toBe(1)
    }
    expect(keys.issuer.fetches).toBe(1 + 5)
    await keys.timer.advance(30 * SECOND)
    expect(await keys.found('forged-again')).toBe(0)
    expect(keys.issuer.fetches).toBe(1 + 6)
  })

  it('finds a true rotation in the middle of a flood, as whoever spends fetches for all', async () => {
    for (let count = 0; count < 100; count += 1) await keys.found(`forged-${count}`)
    keys.issuer.answer = { keyIds: ['a', 'b'] }
    expect(await keys.found('b')).toMatch(/^unavailable/)
    await keys.timer.advance(30 * SECOND)
    await keys.found('forged-once-more')
    expect(await keys.found('b')).toBe(1)
  })

  it('does not take the end of the budget as proof that a kid is unknown', async () => {
    for (let count = 0; count < 5; count += 1) await keys.found(`forged-${count}`)
    keys.issuer.answer = { keyIds: ['a', 'b'] }
    await keys.timer.advance(10 * SECOND)
    expect(await keys.found('b')).toMatch(/^unavailable, retry after 2[01]$/)
    await keys.timer.advance(20 * SECOND)
    expect(await keys.found('b')).toBe(1)
  })

  it('fetches nothing for a request that may not cause it', async () => {
    const { manager } = keys
    expect(() => manager.find('x', true)).toThrow(WorkDenied)
    await expect(manager.refetch(() => true, true)).rejects.toThrow(WorkDenied)
    expect(await manager.find('a', true)).toHaveLength(1)
    expect(keys.issuer.fetches).toBe(1)
    expect(await keys.found('x')).toBe(0)
    expect(await manager.find('x', true)).toEqual([])
  })

  it('refuses a withdrawn kid again and again, and leaves others two refetches', async () => {
    for (let count = 0; count < 50; count += 1) expect(await keys.found('x')).toBe(0)
    expect(keys.issuer.fetches).toBe(1 + 3)
    keys.issuer.answer = { keyIds: ['a', 'b'] }
    expect(await keys.found('b')).toBe(1)
  })

  it('finds the next key although a stranger named it before the issuer had it', async () => {
    expect(await keys.found('2026-12')).toBe(0)
    keys.issuer.answer = { keyIds: ['a', '2026-12'] }
    expect(await keys.found('2026-12')).toBe(1)
  })

  it('finds it within one refetch interval, however often a stranger goes on to name it', async () => {
    for (let second = 0; second < 90; second += 1) {
      expect(await keys.found('2026-12')).toBe(0)
      await keys.timer.advance(SECOND)
    }
    keys.issuer.answer = { keyIds: ['a', '2026-12'] }
    let seconds = 0
    while ((await keys.found('2026-12')) !== 1) {
      seconds += 1
      await keys.timer.advance(SECOND)
    }
    expect(seconds).toBeLessThanOrEqual(30)
  })

  it('refuses none from memory where a refusal would be final', async () => {
    keys = await manageKeys({ remembersRefused: false })
    await keys.manager.ready()
    for (let count = 0; count < 5; count += 1) expect(await keys.found('2026-12')).toBe(0)
    keys.issuer.answer = { keyIds: ['a', '2026-12'] }
    expect(await keys.found('2026-12')).toBe('unavailable, retry after 30')
    await expect(keys.manager.refetch(() => true)).rejects.toThrow(KeysUnavailable)
    await keys.timer.advance(30 * SECOND)
    expect(await keys.found('2026-12')).toBe(1)
  })

  it('forgets refused kids as soon as the set changes', async () => {
    expect(await keys.found('x')).toBe(0)
    keys.issuer.answer = { keyIds: ['a', 'b', 'c'] }
    expect(await keys.found('c')).toBe(1)
    // Now two refetches are left, and none of them for a kid that was refused.
    expect(await keys.found('y')).toBe(0)
    const before = keys.issuer.fetches
    expect(await keys.found('x')).toBe(0)
    expect(keys.issuer.fetches).toBe(before + 1)
  })

  it('remembers them while the set stays as it is, however often it is fetched', async () => {
    for (const kid of ['x', 'y', 'z']) expect(await keys.found(kid)).toBe(0)
    const before = keys.issuer.fetches
    expect(await keys.found('x')).toBe(0)
    expect(keys.issuer.fetches).toBe(before)
  })

  it('does not take a fetch that began earlier as proof that a kid is unknown', async () => {
    keys.issuer.held = true
    const early = keys.found('x')
    const late = keys.found('b')
    keys.issuer.answer = { keyIds: ['a', 'b'] }
    keys.issuer.release()
    expect(await early).toBe(0)
    expect(await late).toBe(1)
    expect(keys.issuer.fetches).toBe(3)
  })

  it('makes at most two fetches for 10,000 kids at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, (_, index) => keys.found(`forged-${index}`)),
    )
    expect(new Set(answers)).toEqual(new Set([0]))
    expect(keys.issuer.fetches).toBe(1 + 2)
    expect(keys.timer.pending()).toBe(1)
  })

  it('answers "unavailable", never "unknown", while the issuer is down', async () => {
    keys.issuer.answer = DOWN
    for (let count = 0; count < 20; count += 1) {
      expect(await keys.found(`new-${count}`)).toMatch(/^unavailable/)
      expect(await keys.found('a')).toBe(1)
      await keys.timer.advance(6 * SECOND)
    }
  })

  it('asks an issuer that is down once, and not for each unknown kid', async () => {
    keys.issuer.answer = DOWN
    for (let count = 0; count < 4; count += 1) {
      expect(await keys.found(`new-${count}`)).toMatch(/^unavailable/)
    }
    expect(keys.issuer.fetches).toBe(1 + 1)
  })

  it('finds a rotated key within 5 seconds of the end of an outage', async () => {
    keys = await manageKeys({ refetchIntervalSeconds: 1 })
    await keys.manager.ready()
    keys.issuer.answer = DOWN
    await keys.timer.advance(30 * MINUTE)
    keys.issuer.answer = { keyIds: ['b'] }
    await keys.timer.advance(5 * SECOND)
    expect(await keys.found('b')).toBe(1)
  })

  it('waits for two fetches together no longer than for one', async () => {
    keys.issuer.held = true
    const first = keys.found('x')
    keys.issuer.answer = 'silence'
    await keys.timer.advance(SECOND)
    const asked = keys.timer.now()
    const second = keys.found('y').then(() => keys.timer.now() - asked)
    await keys.timer.advance(SECOND)
    keys.issuer.release()
    expect(await first).toBe(0)
    await keys.timer.advance(0)
    expect(keys.issuer.fetches).toBe(3)
    await keys.timer.advance(10 * SECOND)
    expect(await second).toBe(2500)
  })
})

describe('createKeyManager: keys that came since others were given out', () => {
  it('are found by one refetch, without those others (7517-08)', async () => {
    const before = await keys.manager.find(undefined)
    expect(await keys.manager.refetch((key) => !before.includes(key))).toEqual([])
    expect(keys.issuer.fetches).toBe(2)
    keys.issuer.answer = { keyIds: ['a', 'b'] }
    const others = await keys.manager.refetch((key) => !before.includes(key))
    expect(others.map(({ keyId }) => keyId)).toEqual(['b'])
  })

  it.each([
    ['none, where refusals are remembered', true, []],
    ['not known, where a refusal would be final', false, 'KeysUnavailable'],
  ])('are %s, once the budget is spent', async (_what, remembersRefused, expected) => {
    keys = await manageKeys({ remembersRefused })
    await keys.manager.ready()
    for (let count = 0; count < 5; count += 1) {
      expect(await keys.manager.refetch(() => true)).toHaveLength(1)
    }
    const sixth = keys.manager.refetch(() => true).catch(({ name }: Error) => name)
    expect(await sixth).toEqual(expected)
    expect(keys.issuer.fetches).toBe(6)
  })
})
