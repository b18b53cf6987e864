import type { IncomingMessage } from 'node:http'
import type { Timer } from '../../core/clock.js'
import { isRecord } from '../../core/values.js'
import { Fault } from './fault.js'

/** As much as the SDK reads of a body. */
const MAX_BYTES = 4_194_304
/** For the whole body, so that a byte a second keeps nothing open. */
const TIMEOUT_MS = 30_000

/**
 * Reads a body nobody has read yet, and puts it back into the stream: whoever handles the request finds
 * it as it came. Bytes beyond the limit are thrown away as they come, and refused only then: a client
 * that is still sending would miss the answer.
 */
export async function peekBody(req: IncomingMessage, timer: Timer): Promise<Buffer | Fault> {
  // Handlers begin at the end of the headers; the rest of the same packet is there a moment later.
  await Promise.resolve()
  if (req.destroyed) return brokenOff()
  const chunks: Buffer[] = []
  let bytes = 0

  function read(): void {
    for (let chunk = next(req); chunk !== null; chunk = next(req)) {
      bytes += chunk.length
      if (bytes <= MAX_BYTES) chunks.push(chunk)
    }
  }

  function whole(): Buffer | Fault {
    if (bytes > MAX_BYTES) return broken(`is larger than ${MAX_BYTES} bytes`, 413)
    const body = Buffer.concat(chunks)
    if (bytes > 0 && !req.readableEnded) req.unshift(body)
    return body
  }

  if (isAllBuffered(req)) {
    read()
    return whole()
  }
  return new Promise((resolve) => {
    const cancel = timer.after(TIMEOUT_MS, () =>
      settle(broken(`did not come within ${TIMEOUT_MS} ms`, 408)),
    )
    function settle(outcome: Buffer | Fault): void {
      cancel()
      req.off('readable', readable).off('end', ended).off('error', failed).off('close', failed)
      resolve(outcome)
    }
    const ended = (): void => settle(whole())
    const failed = (): void => settle(brokenOff())
    function readable(): void {
      read()
      // Nobody was told of the end yet: from then on nothing can be put back.
      if (isAllHere(req) && !req.readableEnded) ended()
    }
    req.on('readable', readable).on('end', ended).on('error', failed).on('close', failed)
  })
}

function broken(how: string, status = 400): Fault {
  return new Fault({ kind: 'transport', detail: `the body ${how}`, status })
}

const brokenOff = (): Fault => broken('broke off')

/** By its length, where that is told: Node notes the end of a message only later. */
function isAllBuffered(req: IncomingMessage): boolean {
  if (req.readableEnded) return false
  const length = req.headers['content-length']
  return isAllHere(req) || (length !== undefined && Number(length) === req.readableLength)
}

/** HTTP/2 calls a request complete only once its end was told; the state of its stream knows before. */
function isAllHere(req: IncomingMessage): boolean {
  const state: unknown = Reflect.get(req, '_readableState')
  return req.complete || (isRecord(state) && state['ended'] === true)
}

function next(req: IncomingMessage): Buffer | null {
  const chunk: unknown = req.read()
  if (typeof chunk === 'string') return Buffer.from(chunk)
  return Buffer.isBuffer(chunk) ? chunk : null
}
