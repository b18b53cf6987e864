import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { memoryRevocationStore } from '../../../lib/revocation/memory/memory-store.js'
import {
  RevocationUnavailable,
  type RevocationQuery,
  type RevocationStore,
} from '../../../lib/revocation/store.js'

const ISSUER = 'https://id.test'
const warned = jest.spyOn(process, 'emitWarning')
let now: number

beforeEach(() => {
  now = 1_000_000
  warned.mockReset().mockReturnValue()
})

afterEach(() => {
  warned.mockReset()
})

function create(maxEntries: number): RevocationStore {
  const lifetimes = { maxTokenLifetimeSeconds: 100_000, clockToleranceSeconds: 0 }
  return memoryRevocationStore({ maxEntries, clock: () => now, ...lifetimes })
}

const revoke = (store: RevocationStore, tokenId: string, subject?: string): Promise<unknown> =>
  store.revokeToken({ issuer: ISSUER, tokenId, expiresAt: now + 100, subject })

const query = (tokenId: string): RevocationQuery => ({
  issuer: ISSUER,
  tokenId,
  sessionId: undefined,
  subject: undefined,
  clientId: undefined,
  issuedAt: now - 10,
  expiresAt: now + 1000,
  version: undefined,
})

describe('a full store', () => {
  it('takes no new revocation, forgets none early, and says what to do', async () => {
    const store = create(2)
    await revoke(store, 'a')
    await revoke(store, 'b')
    expect(store.status()).toEqual({ ready: true, state: 'ready', detail: '2 of 2 entries' })
    const third = revoke(store, 'c')
    await expect(third).rejects.toThrow(RevocationUnavailable)
    await expect(third).rejects.toThrow(
      'memoryRevocationStore is full: 2 revocations are held. Raise "maxEntries" or use redisRevocationStore',
    )
    expect(store.check(query('a'))).toEqual({ revoked: true, by: 'token' })
    expect(store.check(query('c'))).toEqual({ revoked: false })
  })

  it('takes one again that it holds', async () => {
    const store = create(1)
    expect(await revoke(store, 'a')).toEqual({ sequence: 1 })
    expect(await revoke(store, 'a')).toEqual({ sequence: 1 })
  })

  it('makes room of what has had its time', async () => {
    const store = create(1)
    await revoke(store, 'a')
    now += 10_000
    await revoke(store, 'b')
    expect(store.status().detail).toBe('1 of 1 entries')
  })

  it('drops nothing that has had its time while there is room', async () => {
    const store = create(3)
    await revoke(store, 'a')
    now += 10_000
    await revoke(store, 'b')
    expect(store.status().detail).toBe('2 of 3 entries')
  })
})

describe('an entry that has had its time', () => {
  it('revokes until its last second, and no longer', async () => {
    const store = create(10)
    await store.revokeToken({ issuer: ISSUER, tokenId: 'a', expiresAt: now + 100 })
    // For the most tolerant guard, a second, and a hundredth of all that.
    const kept = now + 161 + 161 * 0.01
    now = kept - 0.001
    expect(store.check(query('a'))).toEqual({ revoked: true, by: 'token' })
    now = kept
    expect(store.check(query('a'))).toEqual({ revoked: false })
  })

  it('makes room in the share of its user', async () => {
    const store = create(100)
    expect(await revoke(store, 'a', 'alice')).toEqual({ sequence: 1 })
    now += 10_000
    expect(await revoke(store, 'b', 'alice')).toEqual({ sequence: 2 })
    expect(await revoke(store, 'c', 'alice')).toEqual({ sequence: 3, notBefore: now })
    expect(await revoke(store, 'b', 'alice')).toEqual({ sequence: 3 })
  })
})

describe('the store', () => {
  it('says once that other processes see nothing of it', async () => {
    const store = create(10)
    expect(warned).not.toHaveBeenCalled()
    await revoke(store, 'a')
    await revoke(store, 'b')
    expect(warned.mock.calls).toEqual([
      [expect.stringContaining('held in this process only'), { code: 'ERS_MEMORY_STORE' }],
    ])
  })

  it('tells those who watch it of what changed something, until they end it', async () => {
    const store = create(10)
    let told = 0
    const end = store.watch!(() => void (told += 1))
    await revoke(store, 'a')
    await revoke(store, 'a')
    expect(told).toBe(1)
    end()
    await revoke(store, 'b')
    expect(told).toBe(1)
  })

  it('knows nothing once it was closed, and says so', async () => {
    const store = create(10)
    await store.ready()
    await revoke(store, 'a')
    await store.close()
    expect(store.status()).toEqual({ ready: false, state: 'closed', detail: '0 of 10 entries' })
    expect(() => store.check(query('a'))).toThrow('memoryRevocationStore was closed')
    await expect(store.ready()).rejects.toThrow(RevocationUnavailable)
    await expect(revoke(store, 'b')).rejects.toThrow(RevocationUnavailable)
  })

  it.each<[object, string]>([
    [
      { maxEntries: 0 },
      'memoryRevocationStore: "maxEntries" must be a whole number from 1 to 10000000',
    ],
    [{ maxEntries: 1.5 }, '"maxEntries" must be a whole number'],
    [{ maxEntries: 10_000_001 }, '"maxEntries" must be a whole number'],
    [{ clock: 5 }, '"clock" must be a function'],
    [{ size: 5 }, 'unknown option "size"'],
  ])('refuses %j', (options, complaint) => {
    expect(() => memoryRevocationStore(options)).toThrow(complaint)
  })
})
