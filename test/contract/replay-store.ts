import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { ReplayUnavailable, type ProofClaim, type ReplayStore } from '../../lib/index.js'

export interface ReplayStoreUnderTest {
  readonly store: ReplayStore
  /** Another process over the same data; undefined where there is no such thing. */
  readonly another?: ReplayStore
  /** Lets time pass for the store. */
  later(ms: number): void | Promise<void>
  end(): void | Promise<void>
}

const PROOF: ProofClaim = { thumbprint: 'T'.repeat(43), proofId: 'p'.repeat(43), ttlMs: 5000 }

/** What every replay store does. */
export function replayStoreContract(
  open: (options?: { readonly maxPerKey: number }) => Promise<ReplayStoreUnderTest>,
): void {
  let opened: ReplayStoreUnderTest

  beforeEach(async () => void (opened = await open()))
  afterEach(() => opened.end())

  const claim = async (changes: Partial<ProofClaim> = {}): Promise<boolean> =>
    opened.store.claim({ ...PROOF, ...changes })

  it('takes a proof once (9449-21)', async () => {
    expect([await claim(), await claim(), await claim()]).toEqual([true, false, false])
  })

  it('takes one of fifty claims at a time (9449-23)', async () => {
    const stores = [opened.store, opened.another ?? opened.store]
    const all = Array.from({ length: 50 }, async (_, at) => stores[at % 2]!.claim(PROOF))
    expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1)
  })

  it('tells proofs and keys apart (9449-23)', async () => {
    await claim()
    expect(await claim({ proofId: 'q'.repeat(43) })).toBe(true)
    expect(await claim({ thumbprint: 'U'.repeat(43) })).toBe(true)
  })

  it('remembers a proof for as long as it could be sent again, and no longer', async () => {
    const brief = { ttlMs: 1000 }
    await claim(brief)
    expect(await claim(brief)).toBe(false)
    await opened.later(2100)
    expect(await claim(brief)).toBe(true)
  })

  it('lets no key fill it alone, and gives each its share back as its proofs end', async () => {
    await opened.end()
    opened = await open({ maxPerKey: 2 })
    const brief = (proofId: string): Promise<boolean> => claim({ proofId, ttlMs: 1000 })
    expect([await brief('a'), await brief('b')]).toEqual([true, true])
    await expect(brief('c')).rejects.toBeInstanceOf(ReplayUnavailable)
    // Full or not, a used proof is a used proof.
    expect(await brief('a')).toBe(false)
    expect(await claim({ thumbprint: 'U'.repeat(43), proofId: 'c' })).toBe(true)
    await opened.later(2100)
    expect(await brief('c')).toBe(true)
  })
}
