import { optionCheck } from '../core/options/option-check.js'
import { styleOf } from '../core/verdicts/error-headers.js'
import { AuthError } from '../core/verdicts/errors.js'
import { answerFor } from '../http/answer/answer.js'
import { refuse } from '../http/answer/refuse.js'
import { toResponse } from '../http/answer/to-response.js'
import { toErrorHandler, type Middleware } from '../http/guard/middleware.js'
import { FetchHead } from '../http/request/fetch-head.js'
import type { McpVerifier } from './mcp-verifier.js'

/** The part of an `mcpVerifier` that the middleware of the SDK asks. */
export type TokenVerifying = Pick<McpVerifier, 'verifyAccessToken'>

/** Of Express, and of hosts of fetch. */
type Asked = readonly [...Parameters<Middleware>, ...unknown[]] | readonly [Request]

/**
 * `requireBearerAuth` of the SDK with an `mcpVerifier`, in Express or in a host of fetch: where we cannot
 * know, the answer is 503 with `Retry-After`, and the client keeps its token and comes back. The SDK has
 * no such answer: whatever its verifier throws, it says 400, 401, 403 or 500.
 *
 * @param requireBearerAuth Of @modelcontextprotocol/express or of @modelcontextprotocol/server.
 * @param options Its own; `verifier` is an `mcpVerifier`.
 *
 * @example
 * app.use('/mcp', mcpBearerAuth(requireBearerAuth, { verifier, resourceMetadataUrl }))
 *
 * @throws TypeError at construction, for anything but a function in place of `requireBearerAuth`.
 */
export function mcpBearerAuth<
  O extends { readonly verifier: TokenVerifying },
  A extends readonly unknown[],
  R,
>(requireBearerAuth: (options: O) => (...args: A) => R, options: O): (...args: A) => R
export function mcpBearerAuth(
  requireBearerAuth: (options: {
    readonly verifier: TokenVerifying
  }) => (...args: Asked) => unknown,
  options: { readonly verifier: TokenVerifying },
): (...args: Asked) => unknown {
  if (typeof requireBearerAuth !== 'function') {
    optionCheck('mcpBearerAuth').refuse(
      'requireBearerAuth',
      'be that of the SDK',
      requireBearerAuth,
    )
  }
  return (...args) =>
    new Promise((resolve, reject) => {
      // Express 4 waits for no promise: a rejection would end the process.
      const failed = isFetch(args) ? reject : toErrorHandler(args[2])
      const verifier: TokenVerifying = {
        verifyAccessToken: (token) =>
          options.verifier.verifyAccessToken(token).catch((error: unknown) => {
            if (!(error instanceof AuthError) || error.family !== 'dependency') throw error
            resolve(answer(args, error))
            // The request is answered: the SDK must not go on with it.
            return new Promise<never>(() => undefined)
          }),
      }
      const judge = async (): Promise<unknown> =>
        requireBearerAuth({ ...options, verifier })(...args)
      judge().then(resolve, failed)
    })
}

function answer(asked: Asked, error: AuthError): Response | void {
  if (!isFetch(asked)) return refuse(asked[0], asked[1], error)
  const [request] = asked
  return toResponse(answerFor(error, styleOf(error), new FetchHead(request)), request.method, [])
}

function isFetch(asked: Asked): asked is readonly [Request] {
  return asked.length === 1
}
