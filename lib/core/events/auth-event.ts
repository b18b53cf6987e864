import type { Auth } from '../auth/auth.js'
import type { AuthError, AuthErrorCode, AuthErrorReason } from '../verdicts/errors.js'

/** Who a verified token speaks for, with what could identify a person replaced by a digest. */
export interface TokenFacts {
  readonly issuer: string
  readonly clientId: string | undefined
  /** First 16 characters of base64url(SHA-256(`sub`)). */
  readonly subjectDigest: string | undefined
  /** First 16 characters of base64url(SHA-256(`jti`)). */
  readonly tokenIdDigest: string
  readonly transport: Auth['transport']
}

/** What a guard decided, or what became of something it depends on. */
export type AuthEvent =
  | {
      readonly name: 'bearer.accepted'
      readonly guard: string
      readonly token: TokenFacts
      /** How long the verdict took, in milliseconds, waiting included. */
      readonly durationMs: number
    }
  | {
      /** Refused: by any guard, for a fault of the request or because we could not know. */
      readonly name: 'request.refused'
      readonly guard: string
      readonly code: AuthErrorCode
      /** docs/reasons.md explains it, under a heading of this name. */
      readonly reason: AuthErrorReason
      readonly family: AuthError['family']
      readonly status: number
      readonly detail?: string
      /** Present once the token was verified. */
      readonly token?: TokenFacts
      readonly requiredScopes?: readonly string[]
      /** How long the verdict took, in milliseconds, waiting included: of guards that verify tokens. */
      readonly durationMs?: number
    }
  | {
      /** A stream ended with its token: nobody sent a token that is bad. */
      readonly name: 'stream.ended'
      readonly code: AuthErrorCode
      readonly reason: AuthErrorReason
      readonly family: AuthError['family']
      readonly detail?: string
      readonly token: TokenFacts
    }
  | { readonly name: 'keys.refreshed'; readonly issuer: string; readonly keyIds: readonly string[] }
  | { readonly name: 'keys.failed'; readonly issuer: string; readonly detail: string }
  | {
      readonly name: 'keys.stale'
      readonly issuer: string
      readonly ageSeconds: number
      /** For so long they are still served if no refresh succeeds. After that, tokens are answered by 503. */
      readonly usableSeconds: number
    }
  | { readonly name: 'keys.recovered'; readonly issuer: string }
  | { readonly name: 'keys.ignored'; readonly issuer: string; readonly detail: string }
  | {
      /** The issuer publishes the private half of these keys: tokens by them are refused. `compromised` asks for an alarm. */
      readonly name: 'keys.compromised'
      readonly issuer: string
      readonly keyIds: readonly string[]
    }
  | {
      /** A call to the introspection endpoint failed. `unauthorized` asks for an alarm: it refuses our own credentials. */
      readonly name: 'introspection.failed'
      readonly issuer: string
      readonly unauthorized: boolean
      readonly detail: string
    }
  | { readonly name: 'introspection.recovered'; readonly issuer: string }
  | {
      readonly name: 'token.revoked'
      readonly scope: 'token' | 'session' | 'others' | 'everywhere'
      readonly token: TokenFacts
    }
  | {
      /** An issuer told us by back channel that a session ended, or every session of a user. */
      readonly name: 'logout.received'
      readonly issuer: string
      readonly scope: 'session' | 'everywhere'
      readonly subjectDigest: string | undefined
      readonly sessionIdDigest: string | undefined
    }
  | {
      /**
       * A transmitter told us of something: a security event that was verified, and its revocation
       * stored, where it calls for one. It comes once for each event.
       */
      readonly name: 'signal.received'
      /** The transmitter. */
      readonly issuer: string
      /** The last part of the name of the event, such as `session-revoked`; `other` for one that we do not know. */
      readonly signal: string
      readonly outcome: 'revoked' | 'ignored'
      /** Why nothing was revoked. */
      readonly detail?: string
      readonly subjectDigest: string | undefined
      readonly sessionIdDigest: string | undefined
    }
  | {
      /** The transmitter changed the stream. Unless it is `enabled`, no revocation comes: that asks for an alarm. */
      readonly name: 'signal.stream'
      readonly issuer: string
      readonly status: 'enabled' | 'paused' | 'disabled'
      readonly detail?: string
    }
  | {
      /** Polling fails: no revocation comes meanwhile. */
      readonly name: 'signal.failed'
      readonly issuer: string
      readonly detail: string
    }
  | { readonly name: 'signal.recovered'; readonly issuer: string }
  | {
      /**
       * A refresh token was used again: its family and their access tokens are revoked.
       * `family.rolled_back`: a token came that the store has not given out yet, so that it forgot some.
       */
      readonly name: 'family.reused' | 'family.rolled_back'
      readonly issuer: string
      readonly clientId: string
      readonly subjectDigest: string
      readonly sessionIdDigest: string
    }
  | {
      /** A login at `tokenHandler` began a session, or its access token was renewed. */
      readonly name: 'session.started' | 'session.refreshed'
      readonly issuer: string
      readonly subjectDigest: string
      readonly sessionIdDigest: string
    }
  | {
      readonly name: 'session.ended'
      readonly issuer: string
      readonly subjectDigest: string
      readonly sessionIdDigest: string
      /** `issuer`: it refuses the refresh token. `denylist`: a back-channel logout, or a call of yours. */
      readonly by: 'logout' | 'issuer' | 'denylist'
    }
  | { readonly name: 'revocation.bypassed'; readonly token: TokenFacts; readonly detail: string }
  | {
      /** An unsafe request passed unchecked, because the app exempts its path or a predicate took it. */
      readonly name: 'csrf.exempt'
      readonly guard: string
      readonly exemption: string
    }
  | {
      /** Would have been refused, but the guard only watches (`reportOnly`). */
      readonly name: 'csrf.reported'
      readonly guard: string
      readonly code: AuthErrorCode
      readonly detail: string
    }
  | {
      /** A page of an origin that is not on the list asked for something; it cannot read the answer. */
      readonly name: 'cors.rejected'
      readonly origin: string
    }
  | {
      /** The shared counters do not answer: this process counts for itself meanwhile. */
      readonly name: 'ratelimit.degraded'
      readonly limiter: string
      readonly detail: string
    }
  | { readonly name: 'ratelimit.recovered'; readonly limiter: string }
  | {
      /** A shared denylist became usable or unusable; `lost` asks for an alarm. */
      readonly name: 'revocation.state'
      readonly store: string
      readonly state: string
      readonly detail?: string
    }
  | {
      /** `anomalyRules` found something: docs/operate.md says what each rule means. */
      readonly name: 'anomaly.detected'
      readonly rule: string
      readonly count: number
      /** 0: once is enough. */
      readonly windowSeconds: number
      readonly detail: string
      readonly token?: TokenFacts
    }
  | { readonly name: 'guard.misplaced'; readonly guard: string; readonly detail: string }

export type AnomalyEvent = Extract<AuthEvent, { name: 'anomaly.detected' }>
export type RefusalEvent = Extract<AuthEvent, { name: 'request.refused' }>
