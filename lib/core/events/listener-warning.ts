import { warn } from './warnings.js'

/**
 * Tells of the first failure of a listener. Never the message of its error: it may quote what the
 * listener was given.
 */
export function listenerWarning(detail: (cause: string) => string): (error: unknown) => void {
  let warned = false
  return (error) => {
    if (warned) return
    warned = true
    warn('ERS_EVENT_LISTENER', detail(error instanceof Error ? error.name : typeof error))
  }
}
