import type { IncomingMessage, ServerResponse } from 'node:http'
import { authSignal } from '../guards/auth-signal.js'

/**
 * Ends the answer with the token, where it turns out to be a stream: a subscription stays open for days.
 * An answer that is no stream is finished, however long its tool takes. The connection is cut, because ending the
 * answer would make the next event an error, which nobody expects who writes one.
 */
export function endWithToken(req: IncomingMessage, res: ServerResponse): void {
  const writeHead = res.writeHead.bind(res)
  res.writeHead = (...head: readonly unknown[]) => {
    Reflect.apply(writeHead, undefined, head)
    if (isStream(res)) destroyWith(authSignal(req), res)
    return res
  }
}

/** The token may have ended while the handler was busy: then nothing would tell of it any more. */
function destroyWith(signal: AbortSignal, res: ServerResponse): void {
  if (signal.aborted) res.destroy()
  else signal.addEventListener('abort', () => res.destroy(), { once: true })
}

function isStream(res: ServerResponse): boolean {
  return /^text\/event-stream\b/i.test(String(res.getHeader('Content-Type') ?? ''))
}
