import { randomInt } from 'node:crypto'
import { mergeValues, type RevocationValue } from '../revocations.js'

/** Revocations by name, in 16 bytes each: a `Map` cannot hold more than 16.7 million. */
export interface RevocationTable {
  /** Entries held, some of them perhaps past their time. */
  readonly size: number
  /** A name as this table looks it up: worth keeping, because hashing costs more than looking. */
  address(name: string): TableAddress
  /** What is known of a name; flags are kept as 1. Never less than what was merged. */
  get(address: TableAddress): RevocationValue | undefined
  /** Remembers a value until that second at least. */
  merge(name: string, value: RevocationValue, until: number): void
}

export interface TableAddress {
  readonly name: string
  readonly low: number
  readonly high: number
}

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
  const seeds = [randomInt(UINT32), randomInt(UINT32)] as const
  /** What does not fit into 32 bits: marks with exceptions, fractions of seconds. */
  const others = new Map<string, { value: RevocationValue; until: number }>()
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
      if (low === 0 && high === 0) continue
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
    for (const [name, { until }] of others) if (until <= now) others.delete(name)
    if (size() >= maxEntries * FULL) {
      throw new TableFull(`More than ${Math.floor(maxEntries * FULL)} revocations are in force`)
    }
  }

  function mergeOther(name: string, value: RevocationValue, until: number): void {
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
    address(name) {
      const [low, high] = fingerprint(name, seeds)
      return { name, low, high }
    },
    get({ name, low, high }) {
      const held = Math.max(
        find(current, low, high),
        leaving === undefined ? ABSENT : find(leaving.slots, low, high),
      )
      const other = others.size === 0 ? undefined : others.get(name)?.value
      if (other === undefined) return held === ABSENT ? undefined : held
      return held === ABSENT ? other : mergeValues(asMark(held, other), other)
    },
    merge(name, value, until) {
      move(SLOTS_MOVED_PER_MERGE)
      makeRoom()
      const word = value === true ? 1 : value
      if (typeof word !== 'number' || !Number.isInteger(word) || word < 0 || word >= UINT32) {
        mergeOther(name, value, until)
        return
      }
      const [low, high] = fingerprint(name, seeds)
      put(current, low, high, word, Math.min(Math.ceil(until), UINT32 - 1))
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
    if (words[at] === 0 && words[at + 1] === 0) return at
  }
}

function find(slots: Slots, low: number, high: number): number {
  const at = locate(slots, low, high)
  return slots.words[at] === low && slots.words[at + 1] === high ? slots.words[at + 2]! : ABSENT
}

function put(slots: Slots, low: number, high: number, value: number, until: number): void {
  const { words } = slots
  const at = locate(slots, low, high)
  if (words[at] === 0 && words[at + 1] === 0) slots.used += 1
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

/** A plain second in the table, and one with exceptions beside it. */
function asMark(held: number, other: RevocationValue): RevocationValue {
  return typeof other === 'object' ? { notBefore: held, sessions: new Map() } : held
}

/** Two multiplicative hashes in one pass, mixed; never 0 and 0, which marks a free slot. */
function fingerprint(name: string, seeds: readonly [number, number]): [number, number] {
  let [a, b] = seeds
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i)
    a = Math.imul(a ^ code, 0x9e3779b1)
    b = Math.imul(b ^ code, 0x5f356495)
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
  return [a >>> 0, b >>> 0 || 1]
}
