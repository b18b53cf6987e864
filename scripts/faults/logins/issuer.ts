import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import type { Tally } from './tally.js'

/** A token lives shortly, so that sessions renew theirs all the time. */
const TOKEN_SECONDS = 0.6
/** Long enough that each fault meets renewals that are under way. */
const ANSWER_MS = 60

interface Tokens {
  readonly accessToken: string
  readonly accessExpiresAt: number
  readonly refreshToken: string
  readonly idToken: string
  readonly claims: { readonly sub: string; readonly sid: string }
}

/** An issuer that takes each refresh token once, and remembers. */
export class StrictIssuer {
  readonly #good = new Map<string, Tokens['claims']>()

  readonly #tally: Tally

  constructor(tally: Tally) {
    this.#tally = tally
  }

  grant(claims: Tokens['claims']): Tokens {
    const refreshToken = randomUUID()
    this.#good.set(refreshToken, claims)
    const accessExpiresAt = Date.now() / 1000 + TOKEN_SECONDS
    return { accessToken: randomUUID(), accessExpiresAt, refreshToken, idToken: 'x', claims }
  }

  async refresh(refreshToken: string): Promise<Tokens | AuthError> {
    const claims = this.#good.get(refreshToken)
    this.#good.delete(refreshToken)
    await wait(ANSWER_MS)
    if (claims === undefined) {
      this.#tally.twice += 1
      return new AuthError('invalid_token', { reason: 'session_ended', detail: 'invalid_grant' })
    }
    this.#tally.renewed += 1
    return this.grant(claims)
  }
}
