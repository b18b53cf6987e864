import { randomInt } from 'node:crypto'
import { mergeValues, type RevocationValue } from '../../revocations.js'

/** Revocations by name, in 16 bytes each: a `Map` cannot hold more than 16.7 million. */
export interface RevocationTable {
  /** Entries held, some of them perhaps past their time. */
  readonly size: number
  /** Begins the fingerprints of names that begin alike. */
  begin(prefix: string): NameHash
  /** Worth keeping, because hashing a name costs more than looking for it. */
  fingerprint(begun: NameHash, rest: string): Fingerprint
  /** What is known of a name; flags are kept as 1. Never less than what was merged. */
  get(low: number, high: number): RevocationValue | undefined
  /** Remembers a value until that second at least. */
  merge(name: string, value: RevocationValue, until: number): void
}

/** The hash of a name so far: two signed 32-bit numbers. */
export type NameHash = readonly [number, number]
/** Stands for a name: two signed 32-bit numbers, which V8 keeps in place where larger ones are objects. */
export type Fingerprint = readonly [low: number, high: number]
/** Where no name lies: for what a token does not have. */
export const NOWHERE: Fingerprint = [0, 0]

/** More entries than allowed: the table holds less than it should, and must not be asked. */
export class TableFull extends Error {
  override readonly name = 'TableFull'
}

const FIRST_CAPACITY = 1024
const MAX_LOAD = 0.7
/** Small enough that no insertion is felt, large enough that a move ends before the next begins. */
const SLOTS_MOVED_PER_MERGE = 64
const WORDS = 4
/** With a larger share of the limit in force, each insertion would soon look for expired entries. */
const FULL = 0.9
const UINT32 = 2 ** 32

/**
 * Open addressing over 64-bit fingerprints with secret seeds. Two names with one fingerprint would
 * be revoked together, at odds of entries / 2^64; nothing is ever un-revoked by it. It grows by
 * moving a few slots with each insertion, because moving all would block the process for long.
 */
export function createTable(maxEntries: number, nowSeconds: () => number): RevocationTable {
  const seeds: NameHash = [randomInt(UINT32) | 0, randomInt(UINT32) | 0]
  /** What does not fit into 32 bits: marks with exceptions, fractions of seconds. */
  const others = new Map<number, { value: RevocationValue; until: number }>()
  let current = createSlots(FIRST_CAPACITY)
  let leaving: { slots: Slots; next: number } | undefined

  function move(count: number): void {
    if (leaving === undefined) return
    const { slots } = leaving
    const { words } = slots
    const end = Math.min(slots.capacity, leaving.next + count)
    const now = nowSeconds()
    for (let at = leaving.next * WORDS; at < end * WORDS; at += WORDS) {
      const [low, high, until] = [words[at]!, words[at + 1]!, words[at + 3]!]
      if (high === 0) continue
      slots.used -= 1
      if (until > now) put(current, low, high, words[at + 2]!, until)
    }
    leaving.next = end
    if (end === slots.capacity) leaving = undefined
  }

  function size(): number {
    return current.used + (leaving?.slots.used ?? 0) + others.size
  }

  function makeRoom(): void {
    if (size() >= maxEntries) dropExpired()
    if (current.used < current.capacity * MAX_LOAD) return
    move(Number.POSITIVE_INFINITY)
    rebuild()
  }

  function rebuild(): void {
    const live = countLive(current, nowSeconds())
    leaving = { slots: current, next: 0 }
    current = createSlots(live > current.capacity / 4 ? current.capacity * 2 : current.capacity)
  }

  /** All at once: rare, since what is left is well below the limit. */
  function dropExpired(): void {
    move(Number.POSITIVE_INFINITY)
    rebuild()
    move(Number.POSITIVE_INFINITY)
    const now = nowSeconds()
    for (const [other, { until }] of others) if (until <= now) others.delete(other)
    if (size() >= maxEntries * FULL) {
      throw new TableFull(`More than ${Math.floor(maxEntries * FULL)} revocations are in force`)
    }
  }

  function mergeOther(name: number, value: RevocationValue, until: number): void {
    const known = others.get(name)
    others.set(name, {
      value: known === undefined ? value : mergeValues(known.value, value),
      until: Math.max(until, known?.until ?? 0),
    })
  }

  return {
    get size() {
      return size()
    },
    begin: (prefix) => fold(seeds, prefix),
    fingerprint: (begun, rest) => mixed(fold(begun, rest)),
    get(low, high) {
      if (high === 0) return undefined
      const held = Math.max(
        find(current, low >>> 0, high >>> 0),
        leaving === undefined ? ABSENT : find(leaving.slots, low >>> 0, high >>> 0),
      )
      const other = others.size === 0 ? undefined : others.get(safeInteger(low, high))?.value
      if (other === undefined) return held === ABSENT ? undefined : held
      return held === ABSENT ? other : mergeValues(asMark(held, other), other)
    },
    merge(name, value, until) {
      move(SLOTS_MOVED_PER_MERGE)
      makeRoom()
      const [low, high] = mixed(fold(seeds, name))
      const word = wordOf(value)
      if (typeof word !== 'number' || !Number.isInteger(word) || word < 0 || word >= UINT32) {
        mergeOther(safeInteger(low, high), value, until)
      } else {
        put(current, low >>> 0, high >>> 0, word, Math.min(Math.ceil(until), UINT32 - 1))
      }
    },
  }
}

interface Slots {
  readonly words: Uint32Array
  readonly capacity: number
  used: number
}

const ABSENT = -1

function createSlots(capacity: number): Slots {
  return { words: new Uint32Array(capacity * WORDS), capacity, used: 0 }
}

/** Where this fingerprint is, or would be; in words. */
function locate({ words, capacity }: Slots, low: number, high: number): number {
  const mask = capacity - 1
  for (let slot = low & mask; ; slot = (slot + 1) & mask) {
    const at = slot * WORDS
    if (words[at] === low && words[at + 1] === high) return at
    if (words[at + 1] === 0) return at
  }
}

function find(slots: Slots, low: number, high: number): number {
  const at = locate(slots, low, high)
  return slots.words[at + 1] === 0 ? ABSENT : slots.words[at + 2]!
}

function put(slots: Slots, low: number, high: number, value: number, until: number): void {
  const { words } = slots
  const at = locate(slots, low, high)
  if (words[at + 1] === 0) slots.used += 1
  words[at] = low
  words[at + 1] = high
  words[at + 2] = Math.max(words[at + 2]!, value)
  words[at + 3] = Math.max(words[at + 3]!, until)
}

function countLive({ words }: Slots, now: number): number {
  let live = 0
  for (let at = 0; at < words.length; at += WORDS) if (words[at + 3]! > now) live += 1
  return live
}

/** A mark without exceptions is its second: beside the table it takes ten times the memory. */
function wordOf(value: RevocationValue): RevocationValue {
  if (value === true) return 1
  return typeof value === 'object' && value.sessions.size === 0 ? value.notBefore : value
}

/** A plain second in the table, and one with exceptions beside it. */
function asMark(held: number, other: RevocationValue): RevocationValue {
  return typeof other === 'object' ? { notBefore: held, sessions: new Map() } : held
}

/** Two multiplicative hashes in one pass. */
function fold([a, b]: NameHash, text: string): NameHash {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x9e3779b1)
    b = Math.imul(b ^ code, 0x5f356495)
  }
  return [a, b]
}

/** The second is never 0, as it is nowhere and in free slots. */
function mixed([a, b]: NameHash): Fingerprint {
  const low = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  const high = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  return [low, high === 0 ? 1 : high]
}

/** 53 bits of a fingerprint: as many as a number holds. */
function safeInteger(low: number, high: number): number {
  return (low >>> 0) * 2 ** 21 + (high >>> 11)
}
