/** As much of a browser as is used here. Anything of it may be missing: old browsers, workers, tests. */
interface Browser {
  readonly navigator?: {
    readonly locks?: { request<T>(name: string, run: () => Promise<T>): Promise<T> }
  }
  readonly localStorage?: Pick<Storage, 'getItem' | 'setItem'>
}

interface Storage {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
}

const LOCK = 'express-resource-server:refresh'

/**
 * Refreshes once for all tabs: they wait for one another by a lock of the browser, and the first
 * leaves the time for those behind it. Where a browser knows no locks, each tab refreshes once, and
 * the grace of the server lets them.
 *
 * @param refresh Resolves with whether new credentials are there.
 */
export function sharedRefresh(
  refresh: () => Promise<boolean>,
): (usedSinceMs: number) => Promise<boolean> {
  const browser: Browser & typeof globalThis = globalThis
  let refreshedHere = 0
  let running: Promise<boolean> | undefined

  function refreshedElsewhere(): number {
    try {
      return Number(browser.localStorage?.getItem(LOCK))
    } catch {
      // Storage may be forbidden.
      return 0
    }
  }

  /** A time to come is of a clock that was set back since: until it is past, no tab would refresh. */
  function refreshedAt(): number {
    const now = Date.now()
    return Math.max(...[0, refreshedHere, refreshedElsewhere()].filter((time) => time <= now))
  }

  async function once(usedSinceMs: number): Promise<boolean> {
    if (refreshedAt() >= usedSinceMs) return true
    if (!(await refresh())) return false
    refreshedHere = Date.now()
    try {
      browser.localStorage?.setItem(LOCK, String(refreshedHere))
    } catch {
      // The other tabs refresh for themselves.
    }
    return true
  }

  return (usedSinceMs) => {
    const locks = browser.navigator?.locks
    const step = (): Promise<boolean> => once(usedSinceMs)
    running ??= (locks === undefined ? step() : locks.request(LOCK, step)).finally(() => {
      running = undefined
    })
    return running
  }
}
