import type { IncomingMessage } from 'node:http'
import type { Timer } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'

export interface BodyLimits {
  readonly maxBytes: number
  /** For the whole body, so that a byte a second keeps nothing open. */
  readonly timeoutMs: number
}

/**
 * Reads a body nobody has read yet. Bytes beyond the limit are thrown away as they come, and
 * refused only then: a client that is still sending would miss the answer. Never rejects.
 */
export function readBody(
  req: IncomingMessage,
  { maxBytes, timeoutMs }: BodyLimits,
  timer: Timer,
): Promise<Buffer | AuthError> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const refuse = (detail: string): void => {
      cancel()
      resolve(new AuthError('invalid_request', { reason: 'malformed_request', detail }))
    }
    const cancel = timer.after(timeoutMs, () => {
      refuse(`The body did not come within ${timeoutMs} ms`)
    })
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxBytes) chunks.push(chunk)
    })
    req.on('error', () => refuse('The body broke off'))
    req.on('end', () => {
      if (bytes > maxBytes) {
        refuse(`The body is larger than ${maxBytes} bytes`)
        return
      }
      cancel()
      resolve(Buffer.concat(chunks))
    })
  })
}
