import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Auth } from '../core/auth/auth.js'
import { optionCheck } from '../core/options/option-check.js'
import { AuthError } from '../core/verdicts/errors.js'
import {
  protectedResourceMetadata,
  type ProtectedResourceMetadata,
} from '../endpoints/resource-metadata.js'
import { jtiBlocklist } from '../guards/jti-blocklist.js'
import { requireBearer, type BearerGuard } from '../guards/require-bearer.js'
import { exposeHeaders } from '../http/answer/nonce.js'
import { writeAnswer } from '../http/answer/refuse.js'
import { authOf } from '../http/guard/auth-state.js'
import { factsOf, withFacts } from '../http/guard/facts.js'
import { answerBy, toErrorHandler, type Middleware } from '../http/guard/middleware.js'
import { protectionOf } from '../http/guard/protection.js'
import type { Exchange } from '../http/guard/responder.js'
import { tokenIn, toMcpAuth, type McpAuth } from './auth-info.js'
import { endWithToken } from './end-with-token.js'
import { judgeOperations, type FaultyMessage } from './judge-operations.js'
import { metadataOptions, OWN_NAMES, tokenOptions, type ProtectMcpOptions } from './options.js'
import type { McpKind } from './message/operations.js'
import { compileRules } from './scope-rules.js'
import { isVisible, type CallerScopes } from './visible.js'

/** An MCP server as an OAuth resource server. */
export interface McpProtection extends Pick<BearerGuard, 'ready' | 'status' | 'close'> {
  /** Mount it on the path of the server, in front of the handler of the SDK. */
  readonly guard: Middleware
  /** Serves the metadata; mount it anywhere in front of the guard. */
  readonly metadata: ProtectedResourceMetadata
  /**
   * Whether this caller may use a tool: for building a list for each caller. Nobody may without a token.
   *
   * @param authInfo As the factory of the SDK gets it.
   * @param kind Of what the name is. @default 'tool'
   */
  visible(authInfo: CallerScopes | undefined, name: string, kind?: McpKind): boolean
}

const GUARD = 'protectMcp'

/**
 * Protects an MCP server as the specification asks (revisions 2025-06-18 to 2026-07-28): a verified token
 * on each request, metadata that say where to get one, scopes by tool, resource and prompt, revocation,
 * DPoP. Scopes are judged on the parsed body, each message of a list, before any tool runs; the body is
 * left as it came. `Mcp-Method` and `Mcp-Name` refuse early and decide nothing else. An answer that is a
 * stream ends with the token.
 *
 * | refused because                                     | status | answer                                      |
 * | --------------------------------------------------- | ------ | ------------------------------------------- |
 * | no token                                            | 401    | challenge without `error`, with `scopes`    |
 * | the token is not valid, or revoked                  | 401    | `error="invalid_token"`                     |
 * | it lacks a scope of what the message asks for       | 403    | `error="insufficient_scope"`, all scopes    |
 * | keys or the denylist cannot be asked                | 503    | `Retry-After`                               |
 * | the body is no JSON-RPC message, or names no target | 400    | JSON-RPC -32700, -32600 or -32602           |
 * | a header says another thing than the body           | 400    | JSON-RPC -32020                             |
 * | the body is not JSON in UTF-8, or above 4 MiB       | 415, 413 | JSON-RPC -32000                           |
 *
 * Each challenge names the metadata by `resource_metadata`, and pages may read it.
 *
 * @example
 * const mcp = protectMcp({ resource: 'https://api.example.com/mcp', issuer: 'https://id.example.com', scopes: ['mcp'] })
 * app.use(mcp.metadata)
 * app.all('/mcp', mcp.guard, toNodeHandler(createMcpHandler(build)))
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 * @see MCP 2026-07-28, Authorization and Streamable HTTP; RFC 9728; RFC 6750 §3
 */
export function protectMcp(options: ProtectMcpOptions): McpProtection {
  const check = optionCheck(GUARD)
  const described = metadataOptions(check, options)
  const rules = compileRules(check, options)
  const exposeToken = check.boolean('exposeToken', options.exposeToken, false)
  const { resource, revocations, onRefuse } = options
  const bearer = requireBearer(tokenOptions(options, OWN_NAMES))
  const blocklist = revocations === undefined ? passOn : jtiBlocklist(revocations)
  const metadata = protectedResourceMetadata(bearer, {
    ...described,
    scopes: rules.listed,
    challengeScopes: rules.always,
  })
  const { issuers, responder } = protectionOf(bearer)!
  if ((options.authorizationServers ?? issuers).length === 0) {
    const must = 'be given where no "issuer" is: clients ask there for their tokens'
    check.refuse('authorizationServers', must, undefined)
  }
  const place = { resource, resourceMetadataUrl: metadata.url }
  const views = new WeakMap<Auth, McpAuth>()

  function viewOf(auth: Auth, req: IncomingMessage): McpAuth {
    if (exposeToken) return toMcpAuth(auth, place, tokenIn(req, options.header?.name))
    const known = views.get(auth) ?? toMcpAuth(auth, place, '')
    views.set(auth, known)
    return known
  }

  function settle(
    exchange: Exchange & { readonly req: { auth?: unknown }; readonly auth: Auth },
    refusal: AuthError | FaultyMessage | undefined,
  ): void {
    const { req, res, next, auth } = exchange
    if (refusal === undefined) {
      req.auth = viewOf(auth, req)
      endWithToken(req, res)
      next()
    } else if (refusal instanceof AuthError) responder.refuse(GUARD, refusal, exchange)
    else responder.refuse(GUARD, refusal.fault.error, exchange, onRefuse ?? answering(refusal))
  }

  const judge: Middleware = (req, res, next) => {
    const exchange = { req, res, next, auth: authOf(req) }
    const judged = (refusal: AuthError | FaultyMessage | undefined): void =>
      answerBy(next, () => settle(exchange, refusal))
    judgeOperations(req, exchange.auth, rules).then(judged, toErrorHandler(next))
  }
  const steps = [bearer, blocklist, judge]
  const guard: Middleware = function protectMcpMiddleware(req, res, next) {
    exposeHeaders(res, 'WWW-Authenticate')
    inTurn(steps, { req, res, next })
  }
  withFacts(guard, () => [...steps.flatMap(factsOf), { kind: 'rights' }])

  return {
    guard,
    metadata,
    visible: (authInfo, name, kind = 'tool') => isVisible(rules, authInfo, name, kind),
    ready: () => bearer.ready(),
    status: () => bearer.status(),
    close: () => bearer.close(),
  }
}

const passOn: Middleware = (_req, _res, next) => next()

/** By the rules of JSON-RPC, which say more to a client of this protocol than those of OAuth. */
function answering({ fault, id }: FaultyMessage) {
  return (_error: AuthError, req: IncomingMessage, res: ServerResponse): void => {
    if (!res.headersSent) writeAnswer(req, res, fault.answer(id))
  }
}

/** The next one where one passes the request on. */
function inTurn(
  [step, ...others]: readonly Middleware[],
  { req, res, next }: Pick<Exchange, 'req' | 'res' | 'next'>,
): void {
  if (step === undefined) next()
  else {
    step(req, res, (error) => {
      if (error === undefined) inTurn(others, { req, res, next })
      else next(error)
    })
  }
}
