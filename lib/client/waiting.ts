/** Waits, and rejects as `fetch` does when it is aborted. */
export function waitFor(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    function abort(): void {
      clearTimeout(timer)
      const reason: unknown = signal.reason
      reject(reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, delayMs)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
  })
}
