import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers all but a POST. @returns whether it did. */
export function answerOtherMethods(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.method === 'POST') return false
  res.setHeader('Allow', 'POST')
  answer(req, res, 405)
  return true
}

/** Answers a transmitter, which reads the status first of all. */
export function answer(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  content?: object,
): void {
  if (res.headersSent) return
  // A body that was given up on is still on its way: nothing else can come over this connection.
  if (!req.complete) res.setHeader('Connection', 'close')
  const body = content === undefined ? '' : JSON.stringify(content)
  res.statusCode = status
  res.setHeader('Cache-Control', 'no-store')
  if (content !== undefined) {
    res.setHeader('Content-Type', 'application/json')
    // RFC 8935 §2.3. It is all that we speak, whatever Accept-Language asks for.
    res.setHeader('Content-Language', 'en')
  }
  if (status !== 204) res.setHeader('Content-Length', Buffer.byteLength(body))
  res.end(req.method === 'HEAD' ? undefined : body)
}
