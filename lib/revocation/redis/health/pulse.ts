import type { Timer } from '../../../core/clock.js'

/** Beats that follow each other, one at a time. */
export interface Pulse {
  /** Beats now, or joins the beat under way. */
  beat(): Promise<void>
  /** Resolves when the beat under way, if there is one, has ended. */
  settled(): Promise<void>
  stop(): void
}

/** Each beat is followed by another `intervalMs` after its end. The first has to be asked for. */
export function createPulse(attempt: () => Promise<void>, intervalMs: number, timer: Timer): Pulse {
  let beating: Promise<void> | undefined
  let cancelNext: (() => void) | undefined
  let stopped = false

  function beat(): Promise<void> {
    if (stopped) return Promise.resolve()
    beating ??= attempt().finally(() => {
      beating = undefined
      cancelNext?.()
      if (!stopped) cancelNext = timer.after(intervalMs, () => void beat())
    })
    return beating
  }

  return {
    beat,
    settled: async () => beating,
    stop() {
      stopped = true
      cancelNext?.()
    },
  }
}
