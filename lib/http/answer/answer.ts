import { STATUS_CODES } from 'node:http'
import { challengesFor, parametersOf, triedScheme } from '../../core/verdicts/challenge.js'
import { codeRow } from '../../core/verdicts/codes.js'
import type { AuthError } from '../../core/verdicts/errors.js'
import { NONCE_EXPOSURE } from './nonce.js'
import type { RefusalStyle } from './style.js'
import { ORIGIN_VARY } from './vary.js'

/** What is sent for a refusal, whatever host sends it. */
export interface Answer {
  readonly status: number
  /** In the order they are sent. A list is that many lines. */
  readonly headers: readonly (readonly [name: string, value: string | readonly string[]])[]
  readonly body: string
}

/** A `RequestHead`, or as much of one. */
export interface AskedHow {
  header(name: 'accept' | 'authorization'): string | undefined
}

interface Prepared extends Answer {
  readonly message: string
}

const prepared = new WeakMap<RefusalStyle, Map<string, Prepared>>()

/**
 * Without scopes and parameters of their own the answers to all refusals of one code are the same, and are put together once: a
 * flood of bad tokens is answered for less.
 *
 * @param request What it asks for, and which scheme it tried.
 */
export function answerFor(error: AuthError, style: RefusalStyle, request: AskedHow): Answer {
  const accept = request.header('accept')
  const problem = style.errorFormat === 'problem' || wantsProblem(accept)
  const tried = triedScheme(style, error, request.header('authorization'))
  const answer = known(error, style, problem, tried)
  if (error.nonce !== undefined) return { ...answer, headers: withNonce(answer, error.nonce) }
  if (error.retryAfterSeconds === 0) return answer
  const retryAfter = ['Retry-After', String(error.retryAfterSeconds)] as const
  return { ...answer, headers: [...answer.headers, retryAfter] }
}

function known(
  error: AuthError,
  style: RefusalStyle,
  problem: boolean,
  tried: string | undefined,
): Answer {
  if (error.scopes.length > 0 || parametersOf(error).length > 0)
    return prepare(error, style, problem, tried)
  const answers = prepared.get(style) ?? new Map<string, Prepared>()
  const kind = `${problem ? 'problem ' : ''}${error.code} ${tried ?? ''}`
  const before = answers.get(kind)
  // An error of another copy of this package may have another text or status.
  if (before?.message === error.message && before.status === error.status) return before
  const answer = prepare(error, style, problem, tried)
  prepared.set(style, answers.set(kind, answer))
  return answer
}

function withNonce({ headers }: Answer, nonce: string): Answer['headers'] {
  return [...headers, ['DPoP-Nonce', nonce], ['Access-Control-Expose-Headers', NONCE_EXPOSURE]]
}

function prepare(
  error: AuthError,
  style: RefusalStyle,
  problem: boolean,
  tried: string | undefined,
): Prepared {
  const body = JSON.stringify(problem ? problemDetails(error) : oauthError(error))
  const challenges = challengesFor(error, style, tried)
  const headers: (readonly [string, string | readonly string[]])[] = []
  if (challenges.length > 0) {
    headers.push(['WWW-Authenticate', challenges.length === 1 ? challenges[0]! : challenges])
  }
  if (codeRow(error.code)?.byOrigin === true) headers.push(['Vary', ORIGIN_VARY.join(', ')])
  headers.push(
    ['Cache-Control', 'no-store'],
    ['Content-Type', problem ? 'application/problem+json' : 'application/json'],
    ['Content-Length', String(Buffer.byteLength(body))],
  )
  return { message: error.message, status: error.status, headers, body }
}

/** Enough for any browser; 15 kB of commas would cost more than the refusal itself. */
const MAX_MEDIA_RANGES = 32
const MAX_PARAMETERS = 8

/** Whether `Accept` names problem details, and not in order to refuse them (RFC 9110 §12.5.1). */
function wantsProblem(accept: string | undefined): boolean {
  if (accept === undefined || !/problem/i.test(accept)) return false
  return accept.split(',', MAX_MEDIA_RANGES).some((range) => {
    const [type = '', ...parameters] = range.toLowerCase().split(';', MAX_PARAMETERS)
    return type.trim() === 'application/problem+json' && !parameters.some(isZeroWeight)
  })
}

function isZeroWeight(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=')
  return name.trim() === 'q' && Number(value) === 0
}

/** Where no credential came, RFC 6750 §3.1 wants no reason, and the body gives none either. */
function namesNoError({ code }: AuthError): boolean {
  return codeRow(code)?.challenge === 'bare'
}

function oauthError(error: AuthError): object {
  return namesNoError(error) ? {} : { error: error.code, error_description: error.message }
}

/** RFC 9457 with the OAuth members as extensions, so that OAuth clients can read it as well. */
function problemDetails(error: AuthError): object {
  return {
    type: 'about:blank',
    title: STATUS_CODES[error.status],
    status: error.status,
    ...(namesNoError(error) ? {} : { detail: error.message }),
    ...oauthError(error),
  }
}
