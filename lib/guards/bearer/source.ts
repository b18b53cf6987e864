import { systemTimer } from '../../core/clock.js'
import type { Auth } from '../../core/auth/auth.js'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import type { AuthEvent } from '../../core/events/events.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { andThen, attempt, type Outcome } from '../../core/verdicts/outcome.js'
import { isRecord } from '../../core/values.js'
import type { Responder } from '../../http/guard/responder.js'
import type { PresentedToken, TokenVerifier } from '../../http/guard/token-verifier.js'
import { judgeToken68 } from '../../http/request/credentials.js'
import type { RequestHead } from '../../http/request/request-head.js'
import { RequestSender } from '../../http/request/request-sender.js'
import type { VerifiedToken } from '../../tokens/access/entries.js'
import { createJwtVerifier, type JwtVerifier } from '../../tokens/access/verifier.js'
import {
  NO_PROOFS,
  type Possession,
  type Presentation,
} from '../../tokens/proof/binding/possession.js'
import type { Proofs } from '../../tokens/proof/proofs.js'
import { createIntrospection } from '../../tokens/introspection/create.js'
import { createIssuers } from '../../tokens/issuers/create.js'
import type { IssuerPolicy } from '../../tokens/issuers/policy/policy.js'
import type { IssuerRegistry, IssuerStatus } from '../../tokens/issuers/registry/registry.js'
import {
  cacheLimits,
  ownVerifier,
  type BearerOptions,
  type RequireBearerOptions,
} from './options.js'

/** Where verdicts on tokens come from: issuers that are trusted, or a verifier of the app's own. */
export interface VerdictSource {
  /** Whether the scheme `DPoP` is one of ours (RFC 9449 §7.1). */
  readonly takesDpop: boolean
  /** Judges again what was checked before, undefined where it was not; in the tick, without a promise. */
  recall(credentialText: string): Outcome<VerifiedToken> | undefined
  verify(token: PresentedToken, credentialText: string, head: RequestHead): Outcome<VerifiedToken>
  /** Resolves once the keys of every listed issuer are there; rejects when they cannot be had. */
  ready(): Promise<void>
  /** Each trusted issuer by its first spelling; empty where they are not known in advance. */
  readonly issuers: readonly string[]
  /** Of each issuer that is known in advance, in the order of the options. */
  readonly policies: readonly IssuerPolicy[]
  /** The state of each issuer's keys, for health checks. */
  status(): readonly IssuerStatus[]
  close(): void
}

export function createSource(
  check: OptionCheck,
  options: RequireBearerOptions,
  responder: Pick<Responder, 'events' | 'clock'>,
  { possession, dpopAlgorithms }: Proofs,
): VerdictSource {
  const takesDpop = dpopAlgorithms !== undefined
  if (options.verifier !== undefined) {
    return { ...ownSource(ownVerifier(check, options), possession), takesDpop }
  }
  const { issuers, jwt } = createTrust(check, options, responder, possession)
  return {
    issuers: issuers.names,
    policies: issuers.policies,
    takesDpop,
    recall: (credentialText) => jwt.recall(credentialText),
    verify(presented, credentialText, head) {
      const sender = new RequestSender(head.client, systemTimer.now())
      return jwt.verify({ ...presented, sender, head }, credentialText)
    },
    ready: () => issuers.ready(),
    status: () => issuers.status(),
    close: () => issuers.close(),
  }
}

/** Issuers that are trusted, and what verifies their tokens. */
export interface Trust {
  readonly issuers: IssuerRegistry
  readonly jwt: JwtVerifier
}

export function createTrust(
  check: OptionCheck,
  options: Parameters<typeof createIssuers>[0] &
    Pick<BearerOptions, 'verifiedTokens' | 'introspection'>,
  { events, clock }: Pick<Responder, 'events' | 'clock'>,
  possession: Possession = NO_PROOFS,
): Trust {
  const emit = (event: AuthEvent): void => events.emit(event)
  const issuers = createIssuers(options, { check, timer: systemTimer, emit })
  const verifiedTokens = cacheLimits(check, options.verifiedTokens)
  const setup = { issuers, clock, verifiedTokens, possession }
  const { introspection } = options
  if (introspection === undefined) return { issuers, jwt: createJwtVerifier(setup) }
  const context = { ...setup, timer: systemTimer, emit }
  const { verifier, close } = createIntrospection(check, introspection, options, context)
  const closeAll = (): void => {
    close()
    issuers.close()
  }
  return { issuers: { ...issuers, close: closeAll }, jwt: verifier }
}

/** Nothing is remembered: for how long an answer may be, only the app knows. */
function ownSource(
  verifier: TokenVerifier,
  possession: Possession,
): Omit<VerdictSource, 'takesDpop'> {
  return {
    issuers: [],
    policies: [],
    recall: () => undefined,
    verify(token, _credentialText, head) {
      const malformed = judgeToken68(token.token)
      if (malformed !== undefined) return malformed
      const asking = (): unknown => verifier.verify(token, head)
      const answer = attempt(asking)
      const meaning = answer instanceof Promise ? answer.then(meant) : meant(answer)
      return andThen(meaning, ({ auth }) => provenBy(possession, auth, { ...token, head }))
    },
    ready: async () => undefined,
    status: () => [],
    close: () => undefined,
  }
}

/** Whoever verified a token, a bound one passes by its proof alone. */
export function provenBy(
  possession: Possession,
  auth: Auth,
  presented: Presentation,
): Outcome<VerifiedToken> {
  const need = possession.needOf(auth.claims, presented.scheme)
  if (need === undefined) return { auth }
  return andThen(possession.judge(need, presented), ({ nonce }) => ({ auth, nonce }))
}

function meant(answer: unknown): VerifiedToken | AuthError {
  if (answer instanceof AuthError) return notAnonymous(answer)
  // Any other answer is no yes: `undefined` and `false` least of all.
  if (!isAuth(answer)) throw new TypeError('verifier.verify() must return an Auth or an AuthError')
  return { auth: answer }
}

function isAuth(value: unknown): value is Auth {
  if (!isRecord(value) || typeof value['tokenId'] !== 'string') return false
  const { scopes, roles, permissions } = value
  return [scopes, roles, permissions].every(
    (names) => typeof names === 'object' && names !== null && 'has' in names,
  )
}

/** "No credential" would let the bearer of a refused token pass as anonymous. */
function notAnonymous(error: AuthError): AuthError {
  return error.code === 'no_credential' ? invalidToken('refused_by_validate') : error
}
