import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../../core/auth/auth.js'
import { createEvents } from '../../core/events/events.js'
import { warn } from '../../core/events/warnings.js'
import { joined, type Denylist, type LiveToken } from './recheck.js'
import type { Responder } from './responder.js'

/** What `requireBearer` leaves for the guards behind it. `auth` is undefined for an anonymous request. */
export interface AuthState<Claims extends object = Auth['claims']> {
  readonly auth: Auth<Claims> | undefined
  readonly responder: Responder
  /** What let the request in, to be judged again while a stream is open; undefined for an anonymous request. */
  readonly token: LiveToken | undefined
  /** A stream ends with it. */
  readonly res: ServerResponse
  /** Which let the token pass, the last one first. */
  denylist?: Denylist | undefined
}

/**
 * `Symbol.for`, so that two copies of this package in one process agree. State is never read from
 * `req.auth`, a name that other middlewares write to as well.
 */
const STATE = Symbol.for('express-resource-server.state')

type Carrier<Claims extends object = Auth['claims']> = IncomingMessage & {
  [STATE]?: AuthState<Claims>
  auth?: Auth<Claims> | undefined
}

export function setAuthState(req: IncomingMessage, state: AuthState): void {
  const carrier: Carrier = req
  // With two `requireBearer` on one route, the denylist behind the first one still counts.
  state.denylist = carrier[STATE]?.denylist
  carrier[STATE] = state
  carrier.auth = state.auth
}

export function authState<Claims extends object = Auth['claims']>(
  req: IncomingMessage,
): AuthState<Claims> | undefined {
  return (req as Carrier<Claims>)[STATE]
}

/**
 * For a guard that asks a store about tokens: what was left for it, with the guard noted for streams.
 * Undefined where `next` was called instead: no guard is in front, or the request is anonymous.
 */
export function enterStoreGuard(
  guard: string,
  denylist: Denylist,
  req: IncomingMessage,
  next: (error?: unknown) => void,
): (AuthState & { readonly auth: Auth }) | undefined {
  const state = authState(req)
  if (state === undefined) {
    misplaced(guard, next)
    return undefined
  }
  if (!isVerified(state)) {
    next()
    return undefined
  }
  state.denylist = joined(denylist, state.denylist)
  return state
}

function isVerified(state: AuthState): state is AuthState & { readonly auth: Auth } {
  return state.auth !== undefined
}

/**
 * The verified token of this request.
 *
 * @typeParam Claims What you know of its claims. Nothing checks that: `defineClaims` does.
 * @throws Error where no `requireBearer` ran before, or where it let the request pass as anonymous
 *   (`optional: true`): use `optionalAuthOf(req)` there.
 */
export function authOf<Claims extends object = Auth['claims']>(req: IncomingMessage): Auth<Claims> {
  const auth = optionalAuthOf<Claims>(req)
  if (auth === undefined) {
    throw new Error(
      'authOf: this request is anonymous, because requireBearer has optional: true. Read it with optionalAuthOf(req)',
    )
  }
  return auth
}

/** Like `authOf`, for routes behind `requireBearer({ optional: true })`: undefined for an anonymous request. */
export function optionalAuthOf<Claims extends object = Auth['claims']>(
  req: IncomingMessage,
): Auth<Claims> | undefined {
  const state = authState<Claims>(req)
  if (state === undefined) {
    throw new Error('authOf: no requireBearer ran before this handler. Mount requireBearer first')
  }
  return state.auth
}

const unplaced = createEvents()
const warned = new Set<string>()

/**
 * A guard that finds no `requireBearer` in front of it: a fault of the program, so 500 by the
 * app's error handler and a warning, never a 401 that would send a user to log in again.
 */
export function misplaced(guard: string, next: (error?: unknown) => void): void {
  const detail = `${guard}: no requireBearer ran before it on this route. Mount requireBearer first, then ${guard}`
  unplaced.emit({ name: 'guard.misplaced', guard, detail })
  if (!warned.has(guard)) {
    warned.add(guard)
    warn('ERS_GUARD_MISPLACED', detail)
  }
  next(new Error(detail))
}
