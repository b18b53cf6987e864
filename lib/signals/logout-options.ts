import type { Clock } from '../core/clock.js'
import type { AuthEvent } from '../core/events/events.js'
import type { OptionCheck } from '../core/options/option-check.js'
import { isRecord } from '../core/values.js'
import type { ReplayStore } from '../replay/store.js'
import { SENDER_OPTION_NAMES, type SenderOptions } from './sender-options.js'
import type { SubjectOptions } from './subject/resolve.js'
import type { SubjectFamilies } from './subject/revoke.js'

/** Options of both kinds of callers. */
export interface SignOutOptions extends SubjectOptions {
  /**
   * Refresh-token families of the user that end as well, where the user is of their issuer: name that
   * in `subjectIssuers`, or return it from `resolveSubject`. @default none
   */
  readonly families?: SubjectFamilies | undefined
  /** Told of every request, carried out or refused. Never awaited; an error of it never reaches the request. */
  readonly onEvent?: ((event: AuthEvent) => void) | undefined
  /** Whether faults are told on stderr where nobody listens, as with `requireBearer`. @default true, but false in a test run */
  readonly advice?: boolean | undefined
}

/** For a sender that signs a token for each request, as Okta does. */
export type UniversalLogoutOptions = UniversalLogoutFields & SenderOptions

export interface UniversalLogoutFields extends SignOutOptions {
  /** Clients that may send, by the `sub` of their token. @default any that the issuer signs for */
  readonly clientId?: string | readonly string[] | undefined
  /**
   * Remembers which tokens were used: each is good once. Behind several processes give
   * `redisReplayStore()`. @default `memoryReplayStore()`
   */
  readonly replay?: ReplayStore | undefined
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
}

/** For callers with an access token, behind `requireBearer`, such as a security tool. */
export interface ScopedLogoutOptions extends SignOutOptions {
  /** Their token must have it: a scope that nothing else is given, since it signs out anybody. */
  readonly scope: string
}

const SHARED_NAMES: readonly (keyof SignOutOptions)[] = [
  'subjectIssuers',
  'resolveSubject',
  'families',
  'onEvent',
  'advice',
]

export function isScoped(
  options: UniversalLogoutOptions | ScopedLogoutOptions,
): options is ScopedLogoutOptions {
  return isRecord(options) && 'scope' in options && options.scope !== undefined
}

/** @throws TypeError for names that this kind of callers has not. */
export function checkLogoutOptions(
  check: OptionCheck,
  options: UniversalLogoutOptions | ScopedLogoutOptions,
): void {
  const own = isScoped(options) ? [] : [...SENDER_OPTION_NAMES, 'clientId', 'replay', 'clock']
  check.known(options, [...SHARED_NAMES, 'scope', ...own])
  check.optionalFunction('onEvent', options.onEvent)
}
