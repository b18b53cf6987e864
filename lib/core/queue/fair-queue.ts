interface Lane<T> {
  readonly first: T[]
  readonly last: T[]
}

/**
 * What waits, taken by key in turn: whoever adds a thousand items waits a thousand turns for the last
 * of them, and whoever adds one waits for one turn of each other key. Keys are forgotten with their
 * last item. Pure: no clock, no bound of its own (`dropFromLongest` is for whoever has one).
 */
export class FairQueue<T> {
  /** In the order of their turns: a Map remembers the order of insertion. */
  readonly #lanes = new Map<string, Lane<T>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** @param last Whether the item comes after those of its key that are not. @default false */
  add(key: string, item: T, last = false): void {
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      lane = { first: [], last: [] }
      this.#lanes.set(key, lane)
    }
    lane[last ? 'last' : 'first'].push(item)
    this.#size += 1
  }

  /** What `take` would take. */
  peek(): T | undefined {
    const [turn] = this.#lanes.values()
    return turn?.first[0] ?? turn?.last[0]
  }

  take(): T | undefined {
    const [turn] = this.#lanes
    if (turn === undefined) return undefined
    const [key, lane] = turn
    const item = lane.first.length > 0 ? lane.first.shift() : lane.last.shift()
    this.#size -= 1
    this.#lanes.delete(key)
    if (lengthOf(lane) > 0) this.#lanes.set(key, lane)
    return item
  }

  /**
   * Takes the newest item of the key that has most: a full queue costs whoever filled it. The one whose
   * turn is furthest away, where several have as many.
   */
  dropFromLongest(): T | undefined {
    let longest: readonly [string, Lane<T>] | undefined
    for (const entry of this.#lanes) {
      if (longest === undefined || lengthOf(entry[1]) >= lengthOf(longest[1])) longest = entry
    }
    if (longest === undefined) return undefined
    const [key, lane] = longest
    const item = lane.last.length > 0 ? lane.last.pop() : lane.first.pop()
    this.#size -= 1
    if (lengthOf(lane) === 0) this.#lanes.delete(key)
    return item
  }

  /** Takes out each item that `isUnwanted`, whatever its turn. */
  removeWhere(isUnwanted: (item: T) => boolean): readonly T[] {
    const removed: T[] = []
    const isWanted = (item: T): boolean => {
      const unwanted = isUnwanted(item)
      if (unwanted) removed.push(item)
      return !unwanted
    }
    for (const [key, { first, last }] of this.#lanes) {
      const lane = { first: first.filter(isWanted), last: last.filter(isWanted) }
      if (lengthOf(lane) === 0) this.#lanes.delete(key)
      else this.#lanes.set(key, lane)
    }
    this.#size -= removed.length
    return removed
  }
}

function lengthOf({ first, last }: Lane<unknown>): number {
  return first.length + last.length
}
