/** Promises that many wait for, settled together. */
export interface Waiters {
  wait(): Promise<void>
  resolve(): void
  reject(error: Error): void
}

export function createWaiters(): Waiters {
  const waiting = new Set<{ resolve: () => void; reject: (error: Error) => void }>()
  return {
    wait: () => new Promise((resolve, reject) => void waiting.add({ resolve, reject })),
    resolve() {
      for (const { resolve } of waiting) resolve()
      waiting.clear()
    },
    reject(error) {
      for (const { reject } of waiting) reject(error)
      waiting.clear()
    },
  }
}
