import type { AuthEvent, TokenFacts } from './auth-event.js'

/** A request as its host knows it, where there is one. */
export type ToldRequest = object | undefined

/** `Symbol.for`, so that two copies of this package in one process agree. */
const REQUEST = Symbol.for('express-resource-server.request')

/**
 * An event that a request brought about. Subscribers of this package may ask for the request; JSON,
 * a spread copy and the console never reach it, because its headers are no business of a log.
 */
export class RequestEvent {
  readonly #request: ToldRequest

  constructor(request: ToldRequest) {
    this.#request = request
  }

  static {
    const get = function (this: RequestEvent): ToldRequest {
      return this.#request
    }
    Object.defineProperty(RequestEvent.prototype, REQUEST, { get })
  }
}

/** A class of its own, because there is one for each request. */
export class AcceptedEvent extends RequestEvent {
  readonly name = 'bearer.accepted'
  readonly guard: string
  readonly token: TokenFacts
  readonly durationMs: number

  constructor(guard: string, request: ToldRequest, token: TokenFacts, durationMs: number) {
    super(request)
    this.guard = guard
    this.token = token
    this.durationMs = durationMs
  }
}

/** Undefined for an event that no request brought about, or that was copied. */
export function requestOf(event: AuthEvent): ToldRequest {
  const request: unknown = Reflect.get(event, REQUEST)
  return typeof request === 'object' && request !== null ? request : undefined
}
