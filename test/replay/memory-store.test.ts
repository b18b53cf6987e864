import { describe, expect, it } from '@jest/globals'
import { memoryReplayStore, ReplayUnavailable } from '../../lib/index.js'
import { createMemoryReplayStore } from '../../lib/replay/memory-store.js'
import type { ReplayStore } from '../../lib/replay/store.js'
import { replayStoreContract } from '../contract/replay-store.js'

function open(options = {}): { store: ReplayStore; later: (ms: number) => void } {
  let now = 1_000_000
  const timer = { now: () => now, after: () => () => undefined }
  return { store: createMemoryReplayStore(options, timer), later: (ms) => void (now += ms) }
}

const proof = (
  id: number,
  ttlMs = 60_000,
  thumbprint = 'key',
): Parameters<ReplayStore['claim']>[0] => ({
  thumbprint,
  proofId: `proof-${id}`,
  ttlMs,
})

describe('memoryReplayStore', () => {
  replayStoreContract(async (options) => ({ ...open(options), end: () => undefined }))

  it('refuses while it is full, and never forgets a live proof for a new one', () => {
    const { store, later } = open({ maxEntries: 2, maxPerKey: 2 })
    expect([store.claim(proof(1)), store.claim(proof(2))]).toEqual([true, true])
    expect(() => store.claim(proof(3))).toThrow(ReplayUnavailable)
    expect(store.claim(proof(1))).toBe(false)
    later(61_000)
    expect(store.claim(proof(3))).toBe(true)
  })

  it('lets no key fill it alone', () => {
    const { store, later } = open({ maxEntries: 10, maxPerKey: 1 })
    expect(store.claim(proof(1))).toBe(true)
    expect(() => store.claim(proof(2))).toThrow(ReplayUnavailable)
    expect(store.claim(proof(2, 60_000, 'another'))).toBe(true)
    later(62_000)
    expect(store.claim(proof(2))).toBe(true)
  })

  it('forgets in the order in which proofs end, after a long sleep too', () => {
    const { store, later } = open({ maxEntries: 3, maxPerKey: 3 })
    expect([store.claim(proof(1, 1000)), store.claim(proof(2, 5000))]).toEqual([true, true])
    later(3000)
    expect([store.claim(proof(1, 1000)), store.claim(proof(2))]).toEqual([true, false])
    later(10_000_000)
    for (const id of [3, 4, 5]) expect(store.claim(proof(id))).toBe(true)
  })

  it('holds no more than it may, and says how many that are', () => {
    const { store } = open({ maxEntries: 2, maxPerKey: 2 })
    void store.claim(proof(1))
    void store.claim(proof(2))
    expect(() => store.claim(proof(3, 1000, 'another'))).toThrow('It holds 2 live proofs')
  })

  it('gives each key a tenth by default, rounded up', () => {
    const { store } = open({ maxEntries: 11 })
    expect([store.claim(proof(1)), store.claim(proof(2))]).toEqual([true, true])
    expect(() => store.claim(proof(3))).toThrow('It holds 2 proofs of this key')
  })

  it('counts the proofs of a key that are live, as some of them end', () => {
    const { store, later } = open({ maxPerKey: 2 })
    void store.claim(proof(1, 1000))
    void store.claim(proof(2, 60_000))
    later(2000)
    expect(store.claim(proof(3))).toBe(true)
    expect(() => store.claim(proof(4))).toThrow(ReplayUnavailable)
  })

  it.each([
    ['few seconds hold proofs, and many passed', 1, 30],
    ['many seconds hold proofs, and few passed', 30, 2],
  ])('forgets what ended, and no live proof, where %s', (_when, seconds, passed) => {
    const { store, later } = open({ maxPerKey: 1000 })
    for (let id = 1; id <= seconds; id += 1) void store.claim(proof(id, id * 1000))
    void store.claim(proof(100, passed * 1000))
    later(passed * 1000)
    // In the very second in which it ends it is live still.
    expect(store.claim(proof(100))).toBe(false)
    later(1000)
    expect(store.claim(proof(100))).toBe(true)
    expect(store.claim(proof(1))).toBe(true)
  })

  it.each([
    [{ maxEntries: 0 }, /"maxEntries" must be a whole number from 1/],
    [{ maxPerKey: 1.5 }, /"maxPerKey" must be a whole number/],
    [{ max: 1 }, /unknown option "max"/],
  ])('refuses %j at construction', (options, message) => {
    expect(() => memoryReplayStore(options as object)).toThrow(message)
  })
})
