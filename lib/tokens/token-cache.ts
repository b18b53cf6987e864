export interface TokenCacheLimits {
  readonly maxEntries: number
  /** Approximate heap, in bytes. */
  readonly maxBytes: number
}

interface Entry<V> {
  readonly presented: string
  readonly value: V
}

/**
 * Base64url characters of the signature: 192 bits that no one can choose for a signature that
 * verifies. Hashing them costs a quarter of hashing the whole token, which a Map does on each look-up.
 */
const TAIL_CHARS = 32

export function tailOf(presented: string): string {
  return presented.slice(-TAIL_CHARS)
}

/** An entry's objects and its place in the table: with it, the estimate is at or above the heap measured. */
const ENTRY_OVERHEAD_BYTES = 900

/**
 * Remembers something about a presented credential, by the credential itself: found by the tail of
 * its signature, then compared as a whole, so that a forged token sharing the tail of a good one
 * finds nothing.
 *
 * Bounded by two halves: a full young half becomes the old one, and the old one is dropped. A hit
 * in the old half moves the entry to the young, so what is used stays, without a list to keep up.
 */
export class TokenCache<V> {
  readonly #maxEntries: number
  readonly #maxBytes: number
  #young = new Map<string, Entry<V>>()
  #old = new Map<string, Entry<V>>()
  #youngBytes = 0

  constructor(limits: TokenCacheLimits) {
    this.#maxEntries = Math.ceil(limits.maxEntries / 2)
    this.#maxBytes = limits.maxBytes / 2
  }

  get(presented: string): V | undefined {
    const tail = tailOf(presented)
    const young = this.#young.get(tail)
    if (young !== undefined) return young.presented === presented ? young.value : undefined
    const old = this.#old.get(tail)
    if (old?.presented !== presented) return undefined
    this.#insert(tail, old)
    return old.value
  }

  set(presented: string, value: V): void {
    this.#insert(tailOf(presented), { presented, value })
  }

  delete(presented: string): void {
    const tail = tailOf(presented)
    this.#young.delete(tail)
    this.#old.delete(tail)
  }

  #insert(tail: string, entry: Entry<V>): void {
    const bytes = entry.presented.length * 2 + ENTRY_OVERHEAD_BYTES
    if (bytes > this.#maxBytes) return
    if (this.#young.size >= this.#maxEntries || this.#youngBytes + bytes > this.#maxBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    // A slice keeps its whole parent alive and hashes slowly; a copy does neither.
    this.#young.set(Buffer.from(tail, 'latin1').toString('latin1'), entry)
    this.#youngBytes += bytes
  }
}
