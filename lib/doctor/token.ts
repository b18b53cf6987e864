import { NOBODY } from '../core/queue/sender.js'
import { AuthError, type AuthErrorReason } from '../core/verdicts/errors.js'
import { REASONS } from '../core/verdicts/reasons.js'
import { tokenOf } from '../http/request/credentials.js'
import { judgeMeaning, judgeTimes, timesOf } from '../tokens/access/claim-rules.js'
import type { Credential } from '../tokens/access/credential.js'
import { parseToken, type ParsedToken } from '../tokens/access/unverified-token.js'
import { productFix } from '../tokens/issuers/presets/mistakes.js'
import type { IssuerPolicy } from '../tokens/issuers/policy/policy.js'
import { verifyByIssuer } from '../tokens/issuers/verify-signature.js'
import { judgeHeader, type SignatureHeader } from '../tokens/jwt/header.js'
import { finding, type Advice, type Finding } from './finding.js'
import type { Judge } from './issuer/trust.js'

/** A step of the verifier, and what it is called here. */
type Step = 'form' | 'issuer' | 'header' | 'time' | 'meaning' | 'signature'

/**
 * Walks a token through the steps of the verifier, and asks the verifier itself for the verdict. The
 * steps go on where the verifier stops, so that all that is wrong is told at once.
 */
export async function* examineToken(text: string, judge: Judge): AsyncGenerator<Finding> {
  const told = new Set<AuthErrorReason>()
  for await (const { step, outcome, issuer } of walk(text, judge)) {
    if (outcome instanceof AuthError) told.add(outcome.reason)
    yield outcome instanceof AuthError
      ? finding(
          step,
          'failed',
          outcome.detail ?? outcome.message,
          adviceFor(outcome, judge, issuer),
        )
      : finding(step, 'ok', outcome)
  }
  yield await verdictOn(text, judge, told)
}

interface Taken {
  readonly step: Step
  /** What is right, or the refusal. */
  readonly outcome: string | AuthError
  /** As the token says, unverified: it chooses a hint and nothing else. */
  readonly issuer?: string
}

async function* walk(text: string, judge: Judge): AsyncGenerator<Taken> {
  const credential = credentialIn(text)
  const { decryptionKeys } = judge.issuers
  const parsed =
    credential instanceof AuthError
      ? credential
      : await parseToken({ credential, credentialText: '', sender: NOBODY }, decryptionKeys)
  if (parsed instanceof AuthError) {
    yield { step: 'form', outcome: parsed }
    return
  }
  yield { step: 'form', outcome: 'It is a JWT' }
  const { issuer, jwt } = parsed
  const policy = await judge.issuers.find(issuer, false, NOBODY, jwt.header['alg'])
  if (policy === undefined || policy instanceof AuthError) {
    const unknown = { reason: 'unknown_issuer', detail: judge.issuers.explain(issuer) } as const
    yield { step: 'issuer', outcome: policy ?? new AuthError('invalid_token', unknown), issuer }
    return
  }
  yield { step: 'issuer', outcome: issuer }
  for await (const taken of stepsOf(parsed, policy, judge)) yield { ...taken, issuer }
}

async function* stepsOf(
  { jwt, issuer }: ParsedToken,
  policy: IssuerPolicy,
  { clock }: Judge,
): AsyncGenerator<Taken> {
  const header = judgeHeader(jwt, policy)
  const type = header instanceof AuthError ? undefined : header.type
  yield { step: 'header', outcome: header instanceof AuthError ? header : describe(header) }
  const times = timesOf(jwt.claims)
  const now = clock()
  const untimely = times instanceof AuthError ? times : judgeTimes(times, policy, now)
  const left = times instanceof AuthError ? 0 : Math.floor(times.expiresAt - now)
  yield { step: 'time', outcome: untimely ?? `It expires in ${left} s` }
  const meant = judgeMeaning(jwt.claims, policy, type)
  yield { step: 'meaning', outcome: meant ?? 'An access token for this API, with all claims' }
  if (header instanceof AuthError) return
  const key = await verifyByIssuer(jwt, header, policy, issuer)
  const named = key instanceof AuthError ? key : `Good, by the key ${key.keyId ?? '(no kid)'}`
  yield { step: 'signature', outcome: named }
}

function describe({ algorithm, type, keyId }: SignatureHeader): string {
  return `alg ${algorithm}, typ ${type ?? '(none)'}, kid ${keyId ?? '(none)'}`
}

/** People copy the whole header. */
export function bareTokenIn(text: string): string | AuthError {
  return tokenOf(`Bearer ${text.replace(/^(?:authorization: *)?bearer +/i, '')}`)
}

function credentialIn(text: string): Credential | AuthError {
  const token = bareTokenIn(text)
  return token instanceof AuthError ? token : { token, transport: 'header' }
}

async function verdictOn(
  text: string,
  judge: Judge,
  told: ReadonlySet<AuthErrorReason>,
): Promise<Finding> {
  const credential = credentialIn(text)
  const verdict =
    credential instanceof AuthError ? credential : await judge.jwt.verify(credential, '')
  if (!(verdict instanceof AuthError)) {
    return finding('token', 'ok', 'Accepted: requireBearer lets it pass with these options')
  }
  const { status, code, reason, detail } = verdict
  const answer = `Refused: requireBearer answers ${status} ${code} (${reason})`
  if (told.has(reason)) return finding('token', 'failed', answer)
  const why = detail === undefined ? '' : `. ${detail}`
  return finding('token', 'failed', answer + why, adviceFor(verdict, judge))
}

/** The known mistake with a product comes before the usual one. */
function adviceFor({ reason }: AuthError, { issuers }: Judge, issuer = ''): Advice {
  const { cause, fix } = REASONS[reason]
  return { cause, fix: productFix(reason, [...issuers.names, issuer]) ?? fix, reason }
}
