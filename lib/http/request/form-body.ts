import type { IncomingMessage } from 'node:http'
import type { Timer } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { isRecord } from '../../core/values.js'
import { readBody, type BodyLimits } from './body.js'

/** The host's own parser, where one ran, leaves the body here; express.text() and express.raw() too. */
type MaybeParsed = IncomingMessage & { readonly body?: unknown }

/**
 * The one value of a parameter in a form that was posted (`application/x-www-form-urlencoded`).
 * Works before the app's body parsers and after them: a body that was read already is taken from
 * `req.body`. Refuses with `invalid_request` where it is no form, or the parameter is not there exactly
 * once.
 */
export async function readFormParameter(
  req: MaybeParsed,
  name: string,
  limits: BodyLimits,
  timer: Timer,
): Promise<string | AuthError> {
  const body = await readForm(req, limits, timer)
  if (body instanceof AuthError) return body
  const values = valuesOf(body, name)
  const [value] = values
  if (value !== undefined && values.length === 1) return value
  return malformed(
    body === undefined
      ? 'The body was read before, and req.body does not hold it. Mount this endpoint first, or express.urlencoded()'
      : `The form has ${values.length} parameters "${name}" in place of one`,
  )
}

/** All parameters of a form that was posted, as often as they came; `invalid_request` where it is no form. */
export async function readFormParameters(
  req: MaybeParsed,
  limits: BodyLimits,
  timer: Timer,
): Promise<URLSearchParams | AuthError> {
  const body = await readForm(req, limits, timer)
  if (body instanceof AuthError) return body
  if (typeof body === 'string') return new URLSearchParams(body)
  if (body instanceof Uint8Array) return new URLSearchParams(Buffer.from(body).toString())
  const names = isRecord(body) ? Object.keys(body) : []
  return new URLSearchParams(
    names.flatMap((name) => valuesOf(body, name).map((value): [string, string] => [name, value])),
  )
}

async function readForm(req: MaybeParsed, limits: BodyLimits, timer: Timer): Promise<unknown> {
  if (!isForm(req.headers['content-type'])) {
    return malformed('The content type is not application/x-www-form-urlencoded')
  }
  // `req.body` alone tells nothing: parsers of Express 4 leave `{}` there for what they pass over.
  return req.readableDidRead ? req.body : readBody(req, limits, timer)
}

function isForm(contentType = ''): boolean {
  const [type = ''] = contentType.split(';', 1)
  return type.trim().toLowerCase() === 'application/x-www-form-urlencoded'
}

function valuesOf(body: unknown, name: string): readonly string[] {
  if (typeof body === 'string') return new URLSearchParams(body).getAll(name)
  if (body instanceof Uint8Array) return valuesOf(Buffer.from(body).toString(), name)
  if (!isRecord(body) || !Object.hasOwn(body, name)) return []
  const value = body[name]
  return typeof value === 'string' ? [value] : Array.isArray(value) ? value.map(String) : []
}

function malformed(detail: string): AuthError {
  return new AuthError('invalid_request', { reason: 'malformed_request', detail })
}
