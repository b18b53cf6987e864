import type { IncomingMessage } from 'node:http'
import { systemTimer } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { readBody } from '../../http/request/body.js'

/** A host's own parser, where one ran, leaves the body here. */
type MaybeParsed = IncomingMessage & { readonly body?: unknown }

/** A security event of 4 kB is a long one. */
const LIMITS = { maxBytes: 65_536, timeoutMs: 5000 }

/**
 * The body that was posted, as bytes, or as a parser of the app left it. An `AuthError` with
 * `invalid_request` for another content type, or a body that does not come.
 */
export async function readPosted(
  req: MaybeParsed,
  isType: (type: string) => boolean,
): Promise<unknown> {
  const [type = ''] = (req.headers['content-type'] ?? '').split(';', 1)
  if (!isType(type.trim().toLowerCase())) {
    return malformedSignal('The content type is another')
  }
  return req.readableDidRead ? req.body : readBody(req, LIMITS, systemTimer)
}

/** Text, where it is text in UTF-8. */
export function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body
  if (!(body instanceof Uint8Array)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

export function malformedSignal(detail: string): AuthError {
  return new AuthError('invalid_request', { reason: 'malformed_signal', detail })
}
