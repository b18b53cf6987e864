import type { IncomingMessage } from 'node:http'
import { systemTimer } from '../core/clock.js'
import { authState, type AuthState } from '../http/guard/auth-state.js'
import type { LiveState } from './streams/stream.js'
import { createStreams } from './streams/streams.js'

const streams = createStreams(systemTimer)

/**
 * A signal that aborts once the token of this request is good no more, for what goes on after the
 * request was let in: server-sent events, WebSockets, long polls, downloads. Its `reason` is the
 * `AuthError` that the request would be refused with by then.
 *
 * | aborts because                         | after                                                            |
 * | -------------------------------------- | ---------------------------------------------------------------- |
 * | the token expired                      | 0.25 s; the clock tolerance of the guard counts                  |
 * | it was revoked: memory, or replicated  | 0.25 s after this process knows; a store that hears nothing: 5 s |
 * | it was revoked: strict, or own stores  | 5 s: the store is asked again, about many streams at once        |
 * | its key was withdrawn                  | 5 s after the keys were refreshed                                |
 * | nobody could tell for 30 s (503)       | unless `onUnavailable` lets it pass                              |
 *
 * All streams of a process share one timer, and it does not keep the process alive. Once the response
 * or socket has closed, nothing is left of the stream, and the signal never aborts.
 *
 * @example
 * app.get('/events', bearer, jtiBlocklist(store), (req, res) => {
 *   res.writeHead(200, { 'Content-Type': 'text/event-stream' })
 *   authSignal(req).addEventListener('abort', () => res.end('event: logout\ndata:\n\n'))
 * })
 *
 * @throws Error where no `requireBearer` ran before, or where it let the request pass as anonymous.
 */
export function authSignal(req: IncomingMessage): AbortSignal {
  const state = authState(req)
  if (state === undefined) {
    throw new Error(
      'authSignal: no requireBearer ran before this handler. Mount requireBearer first',
    )
  }
  if (!isLive(state)) {
    throw new Error(
      'authSignal: this request is anonymous, because requireBearer has optional: true. Ask optionalAuthOf(req) first',
    )
  }
  return streams.signalOf(req, state)
}

function isLive(state: AuthState): state is LiveState {
  return state.token !== undefined
}
