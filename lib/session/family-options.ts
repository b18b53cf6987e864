import type { AuthEvent } from '../core/events/events.js'
import type { OptionCheck } from '../core/options/option-check.js'
import type { Secret } from '../http/secrets/secrets.js'
import type { RevocationStore } from '../revocation/store.js'
import type { FamilyRules } from './family.js'

export interface RefreshFamiliesOptions {
  /** The `iss` of the access tokens that go with the families: by it they are revoked. */
  readonly issuer: string
  /** At least 32 bytes each, the newest first: it makes tokens, all of them verify. Keep them outside the store, which alone makes none. */
  readonly secrets: readonly Secret[]
  /** The denylist that your API asks. A family whose session or user is revoked there is over too. */
  readonly revocations: RevocationStore
  /** A family ends when it was not used for so long, in seconds. @default 1209600, 14 days */
  readonly idleSeconds?: number | undefined
  /** A family ends so long after the login, in seconds. @default 2592000, 30 days */
  readonly absoluteSeconds?: number | undefined
  /**
   * How long a token that was just used still gets the same successor, in seconds: two tabs, or an
   * answer that was lost. 0 is strict: a client in that case is logged out. @default 10, at most 60
   */
  readonly graceSeconds?: number | undefined
  /** Families of one user; with more, the oldest is forgotten. @default 100, at most 1000 */
  readonly maxFamiliesPerSubject?: number | undefined
  /** Told of `family.reused` and `family.rolled_back`. Never awaited. */
  readonly onEvent?: ((event: AuthEvent) => void) | undefined
}

export const FAMILY_OPTION_NAMES: readonly (keyof RefreshFamiliesOptions)[] = [
  'issuer',
  'secrets',
  'revocations',
  'idleSeconds',
  'absoluteSeconds',
  'graceSeconds',
  'maxFamiliesPerSubject',
  'onEvent',
]

/** @throws TypeError naming the option. */
export function compileFamilyRules(
  check: OptionCheck,
  options: RefreshFamiliesOptions,
): FamilyRules & { readonly absoluteMs: number; readonly mostPerSubject: number } {
  const idle = { fallback: 1_209_600, min: 60, max: 31_536_000 }
  const absolute = { fallback: 2_592_000, min: 60, max: 315_360_000 }
  const most = { fallback: 100, min: 1, max: 1000, integer: true }
  const idleSeconds = check.number('idleSeconds', options.idleSeconds, idle)
  return {
    idleMs: Math.round(idleSeconds * 1000),
    absoluteMs: Math.round(
      check.number('absoluteSeconds', options.absoluteSeconds, absolute) * 1000,
    ),
    graceMs: Math.round(
      check.number('graceSeconds', options.graceSeconds, { fallback: 10, min: 0, max: 60 }) * 1000,
    ),
    mostPerSubject: check.number('maxFamiliesPerSubject', options.maxFamiliesPerSubject, most),
  }
}
