/** Remembers which events were taken in, so that one that comes again is answered as it was, and done once. */
export interface Seen<T> {
  has(key: string): boolean
  /** The answer to this event: as it was, or what `take` makes of it. Only good ones are remembered. */
  once(key: string, take: () => Promise<T>): Promise<T>
}

/**
 * The latest so many. A forgotten one is taken in anew, which changes nothing: a revocation that
 * is stored again is the same, and the event keeps its time.
 */
export function createSeen<T>(maxEntries: number, isGood: (answer: T) => boolean): Seen<T> {
  const answers = new Map<string, Promise<T>>()

  async function taken(key: string, take: () => Promise<T>): Promise<T> {
    try {
      const answer = await take()
      if (!isGood(answer)) answers.delete(key)
      return answer
    } catch (error) {
      answers.delete(key)
      throw error
    }
  }

  return {
    has: (key) => answers.has(key),
    once(key, take) {
      const known = answers.get(key)
      if (known !== undefined) return known
      const answer = taken(key, take)
      answers.set(key, answer)
      if (answers.size > maxEntries) {
        const [oldest] = answers.keys()
        if (oldest !== undefined) answers.delete(oldest)
      }
      return answer
    },
  }
}
