import type { IncomingMessage, ServerResponse } from 'node:http'
import { callApp } from '../core/app-function.js'
import { warn } from '../core/events/warnings.js'
import type { Exchange } from '../http/guard/responder.js'
import type { AttemptLimit } from './attempt-limit.js'
import type { Place } from './attempt-store.js'

/** A limit, and the key under which an attempt counts there. */
export interface Limited {
  readonly limit: AttemptLimit
  readonly key: string
}

export type IsFailure = (req: IncomingMessage, res: ServerResponse) => unknown

/**
 * Lets a request reach its handler once it has a place under every limit, and gives the places back
 * when it ends: once, whether it was answered or its sender hung up. An answer that nobody waited for
 * is a failure. It might have been one, and would else be free: the guess is made all the same, and
 * shows in a session that the attacker holds, or in a mail.
 */
export function createAdmission(
  isFailure: IsFailure,
): (limited: readonly Limited[], exchange: Exchange) => void {
  const judge = createJudge(isFailure)

  return (limited, exchange) => {
    const { req, res, next } = exchange
    const places: Place[] = []
    let reached = false
    let ended = res.closed

    function end(): void {
      if (ended) return
      ended = true
      const failed = reached && (!res.writableFinished || judge(req, res))
      for (const place of places) place.end(failed)
    }

    function enter(remaining: readonly Limited[]): void {
      const [first, ...others] = remaining
      if (first === undefined) {
        reached = true
        next()
        return
      }
      first.limit(first.key, exchange, (place) => {
        // Who left before, or while waiting, has guessed nothing, and must not reach the handler either.
        if (ended) {
          place.end(false)
          return
        }
        places.push(place)
        enter(others)
      })
    }

    res.once('finish', end)
    res.once('close', end)
    enter(limited)
  }
}

/** Whatever `isFailure` does, the attempt is counted, and the process lives on. */
function createJudge(isFailure: IsFailure): (req: IncomingMessage, res: ServerResponse) => boolean {
  let warned = false
  function failed(error: unknown): true {
    if (!warned) {
      warned = true
      const cause = error instanceof Error ? error.name : typeof error
      warn(
        'ERS_IS_FAILURE',
        `authRateLimit: "isFailure" failed (${cause}), which counts as a failure`,
      )
    }
    return true
  }
  // An app-wide limiter behind this one has judged nothing.
  return (req, res) =>
    res.statusCode !== 429 && Boolean(callApp<unknown>(() => isFailure(req, res), failed))
}
