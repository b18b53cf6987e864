import { channel } from 'node:diagnostics_channel'
import { debuglog } from 'node:util'
import { callApp } from '../app-function.js'
import type { Auth } from '../auth/auth.js'
import { createAdvice } from './advice.js'
import type { AuthEvent, RefusalEvent, TokenFacts } from './auth-event.js'
import type { AuthError } from '../verdicts/errors.js'
import { printable } from './printable.js'
import { AcceptedEvent, RequestEvent, type ToldRequest } from './request-event.js'
import { sha256 } from '../sha256.js'
import { listenerWarning } from './listener-warning.js'

export type { AuthEvent, RefusalEvent, TokenFacts } from './auth-event.js'
export { printable } from './printable.js'
export { requestOf } from './request-event.js'

/** Subscribe with `node:diagnostics_channel`; every message is an `AuthEvent`. */
export const EVENT_CHANNEL = 'express-resource-server:event'

export interface Events {
  /** False while nobody listens: then nothing need be built. */
  readonly active: boolean
  emit(event: AuthEvent): void
  /** Milliseconds, for the duration of a verdict that begins now; 0 while nobody listens. */
  now(): number
  /** Tells of a token that passed, and for how long it was judged. */
  accepted(guard: string, auth: Auth, told: ToldRequest, startedAt: number): void
  /** Tells of a refusal; where nobody listens, a developer gets a line about the first of its reason. */
  refused(guard: string, error: AuthError, about?: Refused): void
}

const events = channel(EVENT_CHANNEL)

/** What is known of a refused request besides the refusal. */
export interface Refused {
  /** Present once the token was verified. */
  readonly auth?: Auth | undefined
  readonly told?: ToldRequest
  /** As `now()` gave it; absent or 0 where nobody listened yet. */
  readonly startedAt?: number | undefined
}

/** `NODE_DEBUG=express-resource-server` shows each event on stderr. */
const debug = debuglog('express-resource-server')

/**
 * Events go to `node:diagnostics_channel` and to `onEvent`. An `onEvent` listener is never awaited, and
 * what it throws never reaches the request: it is reported once as a process warning. Of subscribers to
 * the channel Node itself takes care, by an uncaught exception.
 *
 * @param advice Whether faults are told to a person where nobody listens. @default by NODE_ENV
 */
export function createEvents(onEvent?: (event: AuthEvent) => unknown, advice?: boolean): Events {
  const listener = debug.enabled ? debugging(onEvent) : onEvent
  const adviser = listener === undefined ? createAdvice(advice) : undefined
  const report = listenerWarning(
    (cause) => `An onEvent listener failed (${cause}); its events are being lost`,
  )
  function emit(event: AuthEvent): void {
    if (events.hasSubscribers) events.publish(event)
    else adviser?.heard(event)
    if (listener !== undefined) callApp(() => listener(event), report)
  }
  return {
    get active() {
      return listener !== undefined || events.hasSubscribers
    },
    emit,
    now: () => (listener !== undefined || events.hasSubscribers ? performance.now() : 0),
    accepted(guard, auth, told, startedAt) {
      if (listener === undefined && !events.hasSubscribers) return
      emit(new AcceptedEvent(guard, told, tokenFacts(auth), durationMs(startedAt) ?? 0))
    },
    refused(guard, error, about) {
      if (listener !== undefined || events.hasSubscribers) emit(refusalEvent(guard, error, about))
      else adviser?.refused(guard, error)
    },
  }
}

function debugging(
  onEvent: ((event: AuthEvent) => unknown) | undefined,
): (event: AuthEvent) => unknown {
  return (event) => {
    debug('%j', event)
    return onEvent?.(event)
  }
}

/** Of tokens that are remembered: the digests of one are made once. */
const facts = new WeakMap<Auth, TokenFacts>()

export function tokenFacts(auth: Auth): TokenFacts {
  const known = facts.get(auth)
  if (known !== undefined) return known
  // Shared by all who hear of this token.
  const made = Object.freeze(factsOf(auth))
  facts.set(auth, made)
  return made
}

function factsOf(auth: Auth): TokenFacts {
  return {
    issuer: printable(auth.issuer),
    clientId: auth.clientId === undefined ? undefined : printable(auth.clientId),
    subjectDigest: auth.subject === undefined ? undefined : digest(auth.subject),
    tokenIdDigest: digest(auth.tokenId),
    transport: auth.transport,
  }
}

export function refusalEvent(
  guard: string,
  error: AuthError,
  { auth, told, startedAt }: Refused = {},
): RefusalEvent {
  const duration = durationMs(startedAt)
  return Object.assign(new RequestEvent(told), {
    name: 'request.refused' as const,
    guard,
    code: error.code,
    reason: error.reason,
    family: error.family,
    status: error.status,
    ...(error.detail === undefined ? {} : { detail: printable(error.detail, 400) }),
    ...(auth === undefined ? {} : { token: tokenFacts(auth) }),
    ...(error.scopes.length === 0 ? {} : { requiredScopes: error.scopes }),
    ...(duration === undefined ? {} : { durationMs: duration }),
  })
}

/** Undefined where nobody listened when the verdict began. */
function durationMs(startedAt = 0): number | undefined {
  return startedAt === 0 ? undefined : performance.now() - startedAt
}

/** A stable, short stand-in for a value that must not be logged. */
export function digest(value: string): string {
  return sha256(value).slice(0, 16)
}
