import type { Timer } from '../../../core/clock.js'
import type { AuthError } from '../../../core/verdicts/errors.js'
import { nextFailure, type Failure } from '../../../net/backoff.js'
import { oauthErrorOf } from './openid.js'

/** When a renewal that failed is tried again: of one session, or of all where the issuer is out. */
export interface Failures {
  /** What keeps the session of this key from being renewed for now. */
  of(key: string): Failure | undefined
  note(key: string, error: AuthError): void
  forget(key: string): void
}

const MAX_SESSIONS = 1000
const ALL = ''

/** These are about us, or about the issuer itself. */
const OF_ALL: ReadonlySet<string | undefined> = new Set([
  undefined,
  'invalid_client',
  'unauthorized_client',
  'server_error',
  'temporarily_unavailable',
])

export function createFailures(timer: Pick<Timer, 'now'>): Failures {
  const failures = new Map<string, Failure>()
  return {
    of(key) {
      const [all, own] = [failures.get(ALL), failures.get(key)]
      return all === undefined || (own !== undefined && own.retryAt > all.retryAt) ? own : all
    },
    note(key, error) {
      // A user who is blocked at the issuer must not keep others from renewing theirs.
      const whose = OF_ALL.has(oauthErrorOf(error.cause)) ? ALL : key
      const next = nextFailure(failures.get(whose), error.detail, timer.now())
      const [oldest] = failures.keys()
      if (failures.size >= MAX_SESSIONS && oldest !== undefined) failures.delete(oldest)
      failures.set(whose, next)
    },
    forget(key) {
      failures.delete(ALL)
      failures.delete(key)
    },
  }
}
