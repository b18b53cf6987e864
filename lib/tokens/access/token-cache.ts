export interface TokenCacheLimits {
  readonly maxEntries: number
  /** Approximate heap, in bytes: the sum is at or above the heap measured. */
  readonly maxBytes: number
}

/** An entry's objects, and its place in the table. */
const ENTRY_BYTES = 1500

/**
 * What is remembered of a credential. The text that it came in is private, because what else is
 * remembered is handed to stores of others, which may log it.
 */
export class CachedCredential {
  readonly #text: string
  /** Approximate heap of the text and of what is remembered with it. */
  readonly bytes: number

  /** @param heldBytes What is remembered besides the text. */
  constructor(text: string, heldBytes = 0) {
    this.#text = text
    this.bytes = ENTRY_BYTES + text.length + heldBytes
  }

  matches(text: string): boolean {
    return this.#text === text
  }

  get hash(): number {
    return tailHash(this.#text)
  }

  /** Shows the text to `use` alone, to be judged anew. */
  withText<T>(use: (text: string) => T): T {
    return use(this.#text)
  }
}

/** The last 12 characters of a valid signature: over 32 bits that an attacker cannot choose. */
const TAIL_CHARS = 12

/**
 * A number for the end of a credential, to find it by. A `Map` of strings hashes the whole of them
 * on each look-up, which for a token takes longer than SHA-256 does. Tokens that share a number are told
 * apart by comparing the whole.
 */
export function tailHash(credentialText: string): number {
  let hash = credentialText.length
  for (
    let at = Math.max(0, credentialText.length - TAIL_CHARS);
    at < credentialText.length;
    at += 1
  ) {
    hash = Math.imul(hash ^ credentialText.charCodeAt(at), 0x01000193)
  }
  return hash
}

/**
 * Remembers something about a presented credential, by the credential itself: found by a hash of
 * its tail, then compared as a whole, so that a forged token sharing the tail of a good one finds
 * nothing. The later of two that share a hash, one pair in four thousand million, is remembered.
 *
 * Bounded by two halves: a full young half becomes the old one, and the old one is dropped. A hit
 * in the old half moves the entry to the young, so what is used stays, without a list to keep up.
 */
export class TokenCache<E extends CachedCredential> {
  readonly #maxEntries: number
  readonly #maxBytes: number
  #young = new Map<number, E>()
  #old = new Map<number, E>()
  #youngBytes = 0

  constructor(limits: TokenCacheLimits) {
    this.#maxEntries = Math.ceil(limits.maxEntries / 2)
    this.#maxBytes = limits.maxBytes / 2
  }

  get(credentialText: string): E | undefined {
    const hash = tailHash(credentialText)
    const young = this.#young.get(hash)
    if (young !== undefined) return young.matches(credentialText) ? young : undefined
    const old = this.#old.get(hash)
    if (old?.matches(credentialText) !== true) return undefined
    this.#insert(hash, old)
    return old
  }

  set(entry: E): void {
    this.#insert(entry.hash, entry)
  }

  delete(credentialText: string): void {
    const hash = tailHash(credentialText)
    this.#removeYoung(hash)
    this.#old.delete(hash)
  }

  #insert(hash: number, entry: E): void {
    const { bytes } = entry
    if (bytes > this.#maxBytes) return
    // Two spellings of one token, `Bearer` and `bearer`, could else fill a half by themselves.
    this.#removeYoung(hash)
    if (this.#young.size >= this.#maxEntries || this.#youngBytes + bytes > this.#maxBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    this.#young.set(hash, entry)
    this.#youngBytes += bytes
  }

  #removeYoung(hash: number): void {
    const entry = this.#young.get(hash)
    if (entry === undefined) return
    this.#young.delete(hash)
    this.#youngBytes -= entry.bytes
  }
}
