import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { SessionStore } from '../../lib/session.js'

export interface SessionStoreUnderTest {
  readonly store: SessionStore
  /** Lets time pass for the store. */
  later(ms: number): Promise<void> | void
  end(): Promise<void>
}

const LIFETIME = { idleMs: 600_000, absoluteMs: 1_500_000 }
const LOCK_MS = 10_000

/** Requirements that every store of sessions meets. */
export function sessionStoreContract(open: () => Promise<SessionStoreUnderTest>): void {
  let opened: SessionStoreUnderTest
  let store: SessionStore

  beforeEach(async () => {
    opened = await open()
    store = opened.store
  })
  afterEach(() => opened.end())

  async function begin(record = 'first'): Promise<string> {
    const key = randomUUID()
    await store.create(key, record, LIFETIME)
    return key
  }

  it('keeps a session as it was given', async () => {
    const key = await begin('a record')
    expect(await store.read(key, false)).toMatchObject({ record: 'a record', version: 1 })
  })

  it('knows no session that never began, and begins none by asking', async () => {
    const key = randomUUID()
    expect(await store.read(key, true)).toBeUndefined()
    expect(await store.lock(key, 'a', LOCK_MS)).toBeUndefined()
    expect(await store.write(key, { record: 'x', holder: 'a', version: 1 })).toBe(false)
    await store.unlock(key, 'a')
    await store.end(key)
    expect(await store.read(key, false)).toBeUndefined()
  })

  it('forgets a session that is not used', async () => {
    const key = await begin()
    await opened.later(LIFETIME.idleMs - 1000)
    expect(await store.read(key, false)).toBeDefined()
    await opened.later(1001)
    expect(await store.read(key, false)).toBeUndefined()
  })

  it('keeps a session as long as it is used, and no longer than its life', async () => {
    const key = await begin()
    for (let passed = 0; passed < LIFETIME.absoluteMs - 400_000; passed += 400_000) {
      await opened.later(400_000)
      expect(await store.read(key, true)).toBeDefined()
    }
    await opened.later(301_000)
    expect(await store.read(key, true)).toBeUndefined()
  })

  it('tells when a session ends for want of use', async () => {
    const key = await begin()
    const before = (await store.read(key, false))?.idleExpiresAt ?? 0
    await opened.later(300_000)
    const after = (await store.read(key, true))?.idleExpiresAt ?? 0
    expect(after - before).toBeGreaterThan(240)
    expect(after - before).toBeLessThan(310)
  })

  it('gives the lock to one holder at a time, with the session as it is then', async () => {
    const key = await begin()
    expect(await store.lock(key, 'a', LOCK_MS)).toMatchObject({ record: 'first', version: 1 })
    expect(await store.lock(key, 'b', LOCK_MS)).toBe('held')
    expect(await store.write(key, { record: 'second', holder: 'a', version: 1 })).toBe(true)
    expect(await store.lock(key, 'b', LOCK_MS)).toMatchObject({ record: 'second', version: 2 })
  })

  it('gives the lock to one of many who ask at once', async () => {
    const key = await begin()
    const holders = Array.from({ length: 20 }, (_, index) => `holder-${index}`)
    const answers = await Promise.all(holders.map(async (name) => store.lock(key, name, LOCK_MS)))
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(19)
  })

  it('takes the lock back, and only from the one who has it', async () => {
    const key = await begin()
    await store.lock(key, 'a', LOCK_MS)
    await store.unlock(key, 'b')
    expect(await store.lock(key, 'b', LOCK_MS)).toBe('held')
    await store.unlock(key, 'a')
    expect(await store.lock(key, 'b', LOCK_MS)).toMatchObject({ version: 1 })
  })

  it('lets nobody write who lost the lock by time: the later holder is not overwritten', async () => {
    const key = await begin()
    await store.lock(key, 'slow', LOCK_MS)
    await opened.later(LOCK_MS + 1)
    await store.lock(key, 'quick', LOCK_MS)
    expect(await store.write(key, { record: 'late', holder: 'slow', version: 1 })).toBe(false)
    expect(await store.write(key, { record: 'new', holder: 'quick', version: 1 })).toBe(true)
    expect(await store.write(key, { record: 'late', holder: 'slow', version: 1 })).toBe(false)
    expect(await store.read(key, false)).toMatchObject({ record: 'new', version: 2 })
  })

  it('answers a write that is sent again as the first time', async () => {
    const key = await begin()
    await store.lock(key, 'a', LOCK_MS)
    const change = { record: 'second', holder: 'a', version: 1 }
    expect(await store.write(key, change)).toBe(true)
    expect(await store.write(key, change)).toBe(true)
    expect(await store.read(key, false)).toMatchObject({ record: 'second', version: 2 })
  })

  it('brings no session back that was ended while somebody held its lock', async () => {
    const key = await begin()
    await store.lock(key, 'a', LOCK_MS)
    await store.end(key)
    expect(await store.write(key, { record: 'second', holder: 'a', version: 1 })).toBe(false)
    expect(await store.read(key, false)).toBeUndefined()
  })

  it('lets a login be claimed once, of any number at once', async () => {
    const name = randomUUID()
    const claims = await Promise.all(Array.from({ length: 10 }, () => store.claim(name, 60_000)))
    expect(claims.filter(Boolean)).toHaveLength(1)
    expect(await store.claim(randomUUID(), 60_000)).toBe(true)
  })
}
