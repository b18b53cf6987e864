import { randomBytes } from 'node:crypto'
import type { Timer } from '../core/clock.js'
import { AuthError, invalidToken } from '../core/verdicts/errors.js'
import { stringClaim, type Claims } from '../tokens/jwt/claims.js'

/** A verification event that was asked for (OpenID SSF 1.0 §8.1.4). */
export interface AwaitedVerification {
  /** For the request to the transmitter's verification endpoint. */
  readonly state: string
  /** Resolves when the event came, and rejects when it did not come in time. */
  readonly arrived: Promise<void>
}

export interface StreamVerifications {
  expect(withinMs: number): AwaitedVerification
  /** Judges a verification event. */
  judge(payload: Claims): AuthError | undefined
}

/** Nobody needs more at once, and each is held until its time is over. */
const MAX_AWAITED = 20

export function createStreamVerifications(timer: Timer): StreamVerifications {
  const awaited = new Map<string, () => void>()

  return {
    expect(withinMs) {
      if (awaited.size >= MAX_AWAITED) throw new Error(`${MAX_AWAITED} verifications are awaited`)
      const state = randomBytes(16).toString('base64url')
      const arrived = new Promise<void>((resolve, reject) => {
        const cancel = timer.after(withinMs, () => {
          awaited.delete(state)
          reject(new Error(`No verification event came within ${withinMs} ms`))
        })
        awaited.set(state, () => {
          cancel()
          awaited.delete(state)
          resolve()
        })
      })
      // Whoever asked may not listen any more.
      arrived.catch(() => undefined)
      return { state, arrived }
    },
    judge(payload) {
      const state = stringClaim(payload, 'state')
      if (state instanceof AuthError) return state
      const arrive = state === undefined ? undefined : awaited.get(state)
      arrive?.()
      // One that nobody here has asked for does nothing: another process may have, or the transmitter's page.
      if (state === undefined || arrive !== undefined || awaited.size === 0) return undefined
      return invalidToken('unexpected_state', 'Another verification event is awaited')
    },
  }
}
