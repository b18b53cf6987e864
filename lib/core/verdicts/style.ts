import type { ChallengeParameter } from './challenge-parameter.js'

export type ErrorFormat = 'oauth' | 'problem'

export interface RefusalStyle {
  /** The protection space named in the challenge (RFC 9110 §11.5). */
  readonly realm: string
  /** JSON by RFC 6750, or problem details by RFC 9457. `Accept` can ask for the latter. */
  readonly errorFormat: ErrorFormat
  /** Further parameters of each challenge, such as `resource_metadata`. @default none */
  readonly challengeParameters?: readonly ChallengeParameter[] | undefined
  /** Scopes that a 401 names where the refusal names none: those to ask for at first. @default none */
  readonly challengeScopes?: readonly string[] | undefined
  /** Schemes that the API takes, each with a challenge of its own. @default ['Bearer'] */
  readonly schemes?: readonly string[] | undefined
  /** Further parameters of the challenge of one scheme, such as `algs` of `DPoP`. @default none */
  readonly schemeParameters?: Readonly<Record<string, readonly ChallengeParameter[]>> | undefined
}

export const DEFAULT_STYLE: RefusalStyle = { realm: 'api', errorFormat: 'oauth' }
