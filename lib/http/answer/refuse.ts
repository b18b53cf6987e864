import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import { codeRow } from '../../core/codes.js'
import type { AuthError } from '../../core/errors.js'
import { challengeFor } from './challenge.js'
import { addVary, ORIGIN_VARY } from './vary.js'

export type ErrorFormat = 'oauth' | 'problem'

export interface RefusalStyle {
  /** The protection space named in the challenge (RFC 9110 §11.5). */
  readonly realm: string
  /** JSON by RFC 6750, or problem details by RFC 9457. `Accept` can ask for the latter. */
  readonly errorFormat: ErrorFormat
}

export const DEFAULT_STYLE: RefusalStyle = { realm: 'api', errorFormat: 'oauth' }

/**
 * Answers a refusal: the one place that does. Passing the error to `next` instead would print a
 * stack trace per refused request in a default Express app, which a flood of bad tokens exploits.
 */
export function refuse(
  req: IncomingMessage,
  res: ServerResponse,
  error: AuthError,
  style: RefusalStyle = DEFAULT_STYLE,
): void {
  // A handler before us already answered: all that is left is not to crash on it.
  if (res.headersSent) {
    if (!res.writableEnded) res.end()
    return
  }
  const problem = style.errorFormat === 'problem' || wantsProblem(req)
  const { challenge, byOrigin, body, bytes } = answerTo(error, style, problem)
  if (challenge !== undefined) res.setHeader('WWW-Authenticate', challenge)
  if (error.retryAfterSeconds > 0) res.setHeader('Retry-After', error.retryAfterSeconds)
  if (byOrigin) addVary(res, ORIGIN_VARY)
  res.setHeader('Cache-Control', 'no-store')
  res.statusCode = error.status
  res.setHeader('Content-Type', problem ? 'application/problem+json' : 'application/json')
  res.setHeader('Content-Length', bytes)
  res.removeHeader('ETag')
  res.end(req.method === 'HEAD' ? undefined : body)
}

interface Answer {
  readonly message: string
  readonly status: number
  readonly challenge: string | undefined
  readonly byOrigin: boolean
  readonly body: string
  readonly bytes: number
}

const prepared = new WeakMap<RefusalStyle, Map<string, Answer>>()

/**
 * Challenge and body. Without scopes they are the same for all refusals of one code, and are put
 * together once: a flood of bad tokens is answered for 1 us less each.
 */
function answerTo(error: AuthError, style: RefusalStyle, problem: boolean): Answer {
  if (error.scopes.length > 0) return prepare(error, style, problem)
  const answers = prepared.get(style) ?? new Map<string, Answer>()
  const kind = problem ? `problem ${error.code}` : error.code
  const known = answers.get(kind)
  // An error of another copy of this package may have another text or status.
  if (known?.message === error.message && known.status === error.status) return known
  const answer = prepare(error, style, problem)
  prepared.set(style, answers.set(kind, answer))
  return answer
}

function prepare(error: AuthError, style: RefusalStyle, problem: boolean): Answer {
  const body = JSON.stringify(problem ? problemDetails(error) : oauthError(error))
  return {
    message: error.message,
    status: error.status,
    challenge: challengeFor(error, style.realm),
    byOrigin: codeRow(error.code)?.byOrigin === true,
    body,
    bytes: Buffer.byteLength(body),
  }
}

/** Enough for any browser; 15 kB of commas would cost more than the refusal itself. */
const MAX_MEDIA_RANGES = 32
const MAX_PARAMETERS = 8

/** Whether `Accept` names problem details, and not in order to refuse them (RFC 9110 §12.5.1). */
function wantsProblem(req: IncomingMessage): boolean {
  const { accept } = req.headers
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
