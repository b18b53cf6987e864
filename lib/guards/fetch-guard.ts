import type { Auth } from '../core/auth/auth.js'
import { AuthError } from '../core/verdicts/errors.js'
import { optionCheck } from '../core/options/option-check.js'
import { answerFor } from '../http/answer/answer.js'
import { toResponse } from '../http/answer/to-response.js'
import { withFacts } from '../http/guard/facts.js'
import { withProtection } from '../http/guard/protection.js'
import { createResponder } from '../http/guard/responder.js'
import { joinedAuthorization } from '../http/request/credentials.js'
import { FetchHead } from '../http/request/fetch-head.js'
import type { IssuerStatus } from '../tokens/issuers/registry/registry.js'
import { createProofs } from '../tokens/proof/proofs.js'
import { createDecision } from './bearer/decision.js'
import { bearerFacts } from './bearer/facts.js'
import { schemesOf } from './bearer/schemes.js'
import { KNOWN_BEARER_OPTIONS, type RequireBearerOptions } from './bearer/options.js'

/** Those of `requireBearer`, but for what only a middleware can do: let a request pass, hand it on. */
export type FetchGuardOptions = RequireBearerOptions & {
  readonly optional?: never
  readonly onRefuse?: never
}

/** What the host knows of a request besides the request itself. */
export interface FetchClient {
  /** The address of the client. Needed with `throttle`; without it, all clients wait in one line. */
  readonly client?: string | undefined
}

/** Judges a request; also tells how its keys are doing. */
export interface FetchGuard {
  /**
   * What the token means, or the answer to send. Rejects only for a fault of the server, such as a
   * `validate` with a bug: answer 500.
   */
  (request: Request, from?: FetchClient): Promise<Auth | Response>
  /** Resolves once the keys of every listed issuer are there; rejects when they cannot be had. */
  ready(): Promise<void>
  /** The state of each issuer's keys, for health checks. */
  status(): readonly IssuerStatus[]
  /** Stops refreshing keys, as that of `requireBearer` does. */
  close(): void
}

const NAMES = KNOWN_BEARER_OPTIONS.filter((name) => name !== 'optional' && name !== 'onRefuse')

/**
 * The decision of `requireBearer` for hosts that speak fetch: Hono, Workers-style servers, Deno, Bun.
 * The same tokens pass, and refusals have the same status, challenges and body.
 *
 * @example
 * const guard = fetchGuard({ issuer: 'https://id.example.com', audience: 'https://api.example.com' })
 * const auth = await guard(request)
 * if (auth instanceof Response) return auth
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 */
export function fetchGuard(options: FetchGuardOptions): FetchGuard {
  const check = optionCheck('fetchGuard')
  check.known(options, NAMES)
  if (options.dpop !== undefined && options.origin === undefined) {
    check.refuse(
      'origin',
      'be given with "dpop": no host of fetch says which proxy it trusts',
      undefined,
    )
  }
  const proofs = createProofs(check, options)
  const responder = createResponder(check, options, schemesOf(proofs))
  const { events } = responder
  const decision = createDecision(check, options, responder, proofs)
  const { source } = decision

  function lineOf(head: FetchHead): string {
    return decision.readsAuthorization ? (head.header('authorization') ?? '') : ''
  }

  async function judge(head: FetchHead): Promise<Auth | AuthError> {
    const line = lineOf(head)
    const known = source.recall(line)
    const verdict = await (known ?? decision.judge(head, joinedAuthorization(line)))
    return verdict instanceof AuthError ? decision.counted(head, verdict) : verdict.auth
  }

  async function guard(request: Request, from: FetchClient = {}): Promise<Auth | Response> {
    if (options.throttle !== undefined && from.client === undefined) {
      throw new TypeError(
        'fetchGuard: "throttle" counts by network, and no host of fetch says who connected. Pass the address: guard(request, { client })',
      )
    }
    const head = new FetchHead(request, from.client)
    const startedAt = events.now()
    const verdict = await judge(head)
    if (verdict instanceof AuthError) {
      const published = responder.publication?.respond(request)
      if (published !== undefined) return published
      events.refused('fetchGuard', verdict, { told: head, startedAt })
      const isWelded = decision.readsWelded && lineOf(head) === ''
      const answer = answerFor(verdict, responder.style, head)
      return toResponse(answer, request.method, isWelded ? decision.vary(head) : [])
    }
    events.accepted('fetchGuard', verdict, head, startedAt)
    return verdict
  }

  const fetching = Object.assign(guard, {
    ready: () => source.ready(),
    status: () => source.status(),
    close: () => source.close(),
  })
  withFacts(fetching, () => [bearerFacts(options, source.policies, proofs)])
  return withProtection(fetching, {
    issuers: source.issuers,
    dpop: proofs.dpopAlgorithms && {
      algorithms: proofs.dpopAlgorithms,
      required: options.dpop?.mode === 'require',
    },
    mtls: proofs.mtls,
    responder,
  })
}
