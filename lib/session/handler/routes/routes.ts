import type { IncomingMessage, ServerResponse } from 'node:http'
import { AuthError } from '../../../core/verdicts/errors.js'
import { answerBy, type Middleware } from '../../../http/guard/middleware.js'
import type { Responder } from '../../../http/guard/responder.js'
import type { Route } from './context.js'

/** A route, and the methods that it takes. */
export type RouteTable = Readonly<
  Record<string, { readonly methods: readonly string[]; readonly route: Route }>
>

export interface RoutesSetup {
  /** Path that all routes lie under, as browsers ask for it. */
  readonly base: string
  readonly table: RouteTable
  readonly backChannel: { readonly path: string; readonly endpoint: Middleware }
  readonly responder: Responder
}

type Routed = IncomingMessage & { readonly originalUrl?: string }

/** By the whole path, wherever it is mounted: the issuer knows it, and a mount elsewhere would be a 404. */
export function createRoutes({ base, table, backChannel, responder }: RoutesSetup): Middleware {
  const routes = new Map<string, RouteTable[string]>(
    Object.entries(table).map(([name, route]) => [`${base}/${name}`, route]),
  )

  return function tokenHandlerRoutes(req: Routed, res: ServerResponse, next) {
    const [path = '', ...query] = (req.originalUrl ?? req.url ?? '').split('?')
    if (path === `${base}/${backChannel.path}`) {
      backChannel.endpoint(req, res, next)
      return
    }
    const found = routes.get(path)
    if (found === undefined) {
      next()
      return
    }
    const { methods, route } = found
    if (!methods.includes(req.method ?? '')) {
      res.statusCode = 405
      res.setHeader('Allow', methods.join(', '))
      res.end()
      return
    }
    answerBy(next, async () => {
      const refusal = await route(req, res, new URLSearchParams(query.join('?')))
      if (refusal instanceof AuthError) {
        responder.refuse('tokenHandler', refusal, { req, res, next })
      }
    })
  }
}
