import type { Auth } from '../../core/auth/auth.js'
import { systemTimer } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import type { Outcome } from '../../core/verdicts/outcome.js'
import type { Responder } from '../../http/guard/responder.js'
import type { PresentedToken } from '../../http/guard/token-verifier.js'
import {
  compileCookiePolicy,
  cookieToken,
  explainBeside,
} from '../../http/origin/cookie-credential.js'
import { compileTokenHeader, headerToken } from '../../http/origin/header-credential.js'
import { weldedVary } from '../../http/origin/welded-check.js'
import { absentCredential } from '../../http/request/absent-credential.js'
import { judgeToken68, maxTokenCharsOf, schemeOf, tokenOf } from '../../http/request/credentials.js'
import type { RequestHead } from '../../http/request/request-head.js'
import { createThrottle } from '../../http/throttle/failure-throttle.js'
import type { VerifiedToken } from '../../tokens/access/entries.js'
import type { Proofs } from '../../tokens/proof/proofs.js'
import type { RequireBearerOptions } from './options.js'
import { createSource, type VerdictSource } from './source.js'

/** May this request pass? Head in, verdict out, whatever the host. */
export interface BearerDecision {
  readonly source: VerdictSource
  /** Whether `Authorization` is read; it is not where another header stands in its place. */
  readonly readsAuthorization: boolean
  /** Whether a cookie or a header of another name may decide, where `Authorization` does not. */
  readonly readsWelded: boolean
  /**
   * Judges what `source.recall` did not know.
   *
   * @param authorization The one `Authorization` header, or why it is refused; undefined where it is
   *   not read.
   */
  judge(head: RequestHead, authorization: string | undefined | AuthError): Outcome<VerifiedToken>
  /** The request headers that decide where those may, for `Vary`. */
  vary(head: RequestHead): readonly string[]
  /** Counts a refusal, and replaces it by 429 once its network has had too many. */
  counted(head: RequestHead, error: AuthError): AuthError | Promise<AuthError>
}

export function createDecision(
  check: OptionCheck,
  options: RequireBearerOptions,
  responder: Responder,
  proofs: Proofs,
): BearerDecision {
  const { events } = responder
  const maxChars = maxTokenCharsOf(check, options.maxTokenChars)
  const cookie = compileCookiePolicy(check, options.cookie)
  const header = compileTokenHeader(check, options.header)
  const throttle = createThrottle(check, options.throttle, { timer: systemTimer, events })
  const source = createSource(check, options, responder, proofs)
  if (header !== undefined && source.takesDpop) {
    check.refuse(
      'header',
      'be left out beside "dpop": proofs belong to "Authorization"',
      options.header,
    )
  }
  const carriers = [...(header ? [header.name] : []), ...(cookie ? ['Cookie'] : [])]

  /** The header alone counts where it came: a bad one never falls back to the cookie. */
  function judgeHeader(head: RequestHead): Outcome<VerifiedToken> {
    const token = header && headerToken(head, header, maxChars)
    if (token === undefined) return judgeCookie(head)
    // No value of a header starts with "\t", so that no two carriers ever share a cache key.
    return token instanceof AuthError
      ? token
      : judgeWelded(head, token, 'named-header', `\t${token}`)
  }

  function judgeCookie(head: RequestHead): Outcome<VerifiedToken> {
    if (cookie === undefined) return absentCredential(head)
    const token = cookieToken(head, cookie, maxChars)
    return token instanceof AuthError ? token : judgeWelded(head, token, 'cookie', `\n${token}`)
  }

  function judgeWelded(
    head: RequestHead,
    token: string,
    transport: Auth['transport'],
    credentialText: string,
  ): Outcome<VerifiedToken> {
    return (
      source.recall(credentialText) ??
      verify(head, { token, scheme: 'Bearer', transport }, credentialText)
    )
  }

  function verify(
    head: RequestHead,
    presented: Omit<PresentedToken, 'throttled'>,
    credentialText: string,
  ): Outcome<VerifiedToken> {
    const throttled = throttle?.throttles(head.client) ?? false
    return source.verify({ ...presented, throttled }, credentialText, head)
  }

  return {
    source,
    readsAuthorization: header === undefined,
    readsWelded: carriers.length > 0,
    judge(head, authorization) {
      if (authorization === undefined) return judgeHeader(head)
      if (authorization instanceof AuthError) return authorization
      const scheme = schemeOf(authorization, source.takesDpop)
      const token = tokenOf(authorization, scheme, maxChars)
      if (token instanceof AuthError) return cookie ? explainBeside(head, cookie, token) : token
      const verdict = verify(head, { token, scheme, transport: 'header' }, authorization)
      if (!(verdict instanceof AuthError) || verdict.reason !== 'malformed_token') return verdict
      // What cannot be read as a JWT is a bad request where it is no token68 either.
      return judgeToken68(token) ?? verdict
    },
    vary: (head) => [...carriers, ...weldedVary(head)],
    counted: (head, error) => throttle?.answerTo(head.client, error) ?? error,
  }
}
