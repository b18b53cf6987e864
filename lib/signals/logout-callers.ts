import type { IncomingMessage } from 'node:http'
import { isScopeToken } from '../core/auth/scope.js'
import { systemClock, systemTimer } from '../core/clock.js'
import type { AuthEvent } from '../core/events/events.js'
import { pickDefined, type OptionCheck } from '../core/options/option-check.js'
import { AuthError } from '../core/verdicts/errors.js'
import { authOf } from '../http/guard/auth-state.js'
import type { Middleware } from '../http/guard/middleware.js'
import { setGuard } from '../http/guard/set-guard.js'
import type { KeySource } from '../keys/key-source.js'
import { issuerName } from '../revocation/issuer-name.js'
import { memoryReplayStore } from '../replay/memory-store.js'
import { judgeCallerClaims, type CallerToken } from '../tokens/events/caller-token.js'
import { compileEventIssuer, createEventVerifier } from '../tokens/events/event-verifier.js'
import { useUp, verifyCaller } from './delivery/caller.js'
import { requireReplay } from './delivery/claim.js'
import { SENDER_OPTION_NAMES } from './sender-options.js'
import { createSubjectResolver, type SubjectResolver } from './subject/resolve.js'
import { requireFamilies } from './subject/revoke.js'
import type { ScopedLogoutOptions, UniversalLogoutOptions } from './logout-options.js'

/** Who asks to sign a user out, and whom they may name. */
export interface LogoutCaller {
  readonly issuer: string
  readonly resolve: SubjectResolver
  /** Takes a credential that is good once for used. */
  readonly useUp: () => Promise<AuthError | undefined>
}

export interface LogoutCallers {
  identify(req: IncomingMessage): Promise<LogoutCaller | AuthError>
}

export interface SignedCallers extends LogoutCallers {
  readonly keys: KeySource
}

/** Okta's are good for five minutes. */
const MAX_AGE_SECONDS = 600

/** Senders that sign a token for each request, as Okta does. */
export function signedCallers(
  check: OptionCheck,
  options: UniversalLogoutOptions,
  emit: (event: AuthEvent) => void,
): SignedCallers {
  check.optionalFunction('clock', options.clock)
  const { replay = memoryReplayStore(), clock = systemClock, issuer, audience } = options
  requireReplay(check, replay)
  const audiences = check.strings('audience', audience)
  const clientIds =
    options.clientId === undefined ? undefined : check.strings('clientId', options.clientId)
  const own = pickDefined(options, SENDER_OPTION_NAMES)
  const policy = compileEventIssuer(
    { ...own, issuer, audience },
    { check, timer: systemTimer, emit },
  )
  const rules = { ...policy, audiences, clientIds, maxAgeSeconds: MAX_AGE_SECONDS }
  const verifier = createEventVerifier<CallerToken>(policy, clock, {
    noun: 'token',
    profile: 'global_token_revocation',
    judge: (claims, now) => judgeCallerClaims(claims, rules, now),
  })
  const resolve = createSubjectResolver(check, options, policy.revocationIssuers, systemTimer)
  requireFamilies(check, options, policy.revocationIssuers)
  const [name = ''] = policy.issuers
  return {
    keys: verifier.keys,
    async identify(req) {
      const caller = await verifyCaller(req, verifier)
      if (caller instanceof AuthError) return caller
      return { issuer: name, resolve, useUp: () => useUp(replay, caller, clock()) }
    },
  }
}

export interface ScopedCallers extends LogoutCallers {
  /** Asks for the scope, by the token that `requireBearer` verified. */
  readonly guard: Middleware
}

/** Callers with an access token of this scope: they speak for users of its issuer, unless others are named. */
export function scopedCallers(
  check: OptionCheck,
  guard: string,
  options: ScopedLogoutOptions,
): ScopedCallers {
  const scope = check.string('scope', options.scope)
  if (!isScopeToken(scope)) check.refuse('scope', 'be one scope like "users:sign-out"', scope)
  const checked = resolverOf(new Map())
  const named = options.subjectIssuers === undefined ? undefined : checked
  requireFamilies(check, options, undefined)

  function resolverOf(caller: ReadonlyMap<string, string>): SubjectResolver {
    return createSubjectResolver(check, options, caller, systemTimer)
  }

  return {
    guard: setGuard({
      guard,
      noun: 'scope',
      reason: 'scope_missing',
      granted: (auth) => auth.scopes,
      accepted: [[scope]],
      challengeScopes: [scope],
    }),
    async identify(req) {
      const auth = authOf(req)
      const names = [auth.issuer, issuerName(auth)] as const
      // A verifier of the app may name none: under "" nobody would be signed out, and 204 would say so.
      if (!names.every((name: unknown) => typeof name === 'string')) {
        throw new TypeError(`${guard}: the verifier names no issuer`)
      }
      const [issuer, known] = names
      const own = (): SubjectResolver => resolverOf(new Map(names.map((name) => [name, known])))
      return { issuer, resolve: named ?? own(), useUp: async () => undefined }
    },
  }
}
