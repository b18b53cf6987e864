import type { Timer } from '../../lib/core/clock.js'

/** Time that passes only when told to. */
export interface ManualTimer extends Timer {
  /** Lets time pass, runs what falls due on the way, and lets promises settle after each. */
  advance(milliseconds: number): Promise<void>
  /** Tasks that wait for their time. */
  pending(): number
}

interface Task {
  readonly at: number
  readonly run: () => void
}

export function manualTimer(start = 1_000_000): ManualTimer {
  let now = start
  const tasks = new Set<Task>()

  function nextUntil(end: number): Task | undefined {
    const due = [...tasks].filter((task) => task.at <= end)
    return due.toSorted((a, b) => a.at - b.at)[0]
  }

  return {
    now: () => now,
    after(delayMs, run) {
      const task = { at: now + delayMs, run }
      tasks.add(task)
      return () => void tasks.delete(task)
    },
    async advance(milliseconds) {
      const end = now + milliseconds
      await settle()
      for (let task = nextUntil(end); task !== undefined; task = nextUntil(end)) {
        tasks.delete(task)
        now = Math.max(now, task.at)
        task.run()
        await settle()
      }
      now = end
      await settle()
    },
    pending: () => tasks.size,
  }
}

/** Lets every promise that can settle do so: microtasks first, then one turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
