import type { Timer } from '../../../core/clock.js'
import { AuthError, invalidToken } from '../../../core/verdicts/errors.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import type { SessionStore, StoredSession } from '../../session-store.js'

type Change = Parameters<SessionStore['write']>[1]

/** The right to renew a session: one holder at a time, of all processes. */
export interface Turns {
  /** Waits for it, and resolves with the session as it is then. */
  take(key: string, holder: string): Promise<StoredSession | AuthError>
  /**
   * False where the session is over. A write that failed is tried again behind the request.
   *
   * @param late Called where that was of use.
   */
  write(key: string, change: Change, late: () => void): Promise<boolean | AuthError>
  give(key: string, holder: string): Promise<void>
}

/** The owner of the turn must be able to write what the issuer gave, through a short outage. */
const WRITE_MS = 10_000
const RETRY_MS = 250
const FIRST_WAIT_MS = 25
const LONGEST_WAIT_MS = 200

/** @param callMs The longest that a holder may take before it writes. */
export function createTurns(store: SessionStore, timer: Timer, callMs: number): Turns {
  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void timer.after(delayMs, resolve))
  }

  async function again(once: () => Promise<boolean | AuthError>, late: () => void): Promise<void> {
    const until = timer.now() + WRITE_MS
    while (timer.now() < until) {
      await pause(RETRY_MS)
      const written = await once()
      if (written === true) late()
      if (!(written instanceof AuthError)) return
    }
  }

  return {
    async take(key, holder) {
      const until = timer.now() + callMs
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
        const locked: StoredSession | 'held' | AuthError | undefined = await attempt(() =>
          store.lock(key, holder, callMs + WRITE_MS),
        )
        if (locked === undefined) return invalidToken('session_unknown')
        if (locked !== 'held') return locked
        if (timer.now() >= until) return stillHeld()
        await pause(waitMs)
      }
    },
    /** The old refresh token may be used up, so the new one is kept until it is written, or cannot be. */
    async write(key, change, late) {
      const once = (): Promise<boolean | AuthError> => attempt(() => store.write(key, change))
      const written = await once()
      if (written instanceof AuthError) void again(once, late)
      return written
    },
    async give(key, holder) {
      await attempt(() => store.unlock(key, holder))
    },
  }
}

function stillHeld(): AuthError {
  const detail = 'Another request renews the access token, and has not come to an end'
  return new AuthError('temporarily_unavailable', { reason: 'sessions_unavailable', detail })
}
