import { Router } from 'express'
import { bearer, get, send } from '../http.js'
import { asynchronous } from './asynchronous.js'
import type { Visitor } from './login.js'
import type { LivingStage } from './stage.js'

/** What a lever of the stage shows: requests with their answers, or why there are none. */
export interface Shown {
  readonly note?: string
  readonly exchanges: readonly Exchange[]
}

export interface Exchange {
  readonly title: string
  readonly request: string
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

export function stageRoutes({ origin }: LivingStage, visitor: Visitor): Router {
  const routes = Router()
  const api = `http://127.0.0.1:${new URL(origin).port}`

  async function exchange(title: string, token: string): Promise<Exchange> {
    const answer = await send(api, get('/api/notes', bearer(token)))
    return { title, request: 'GET /api/notes\nAuthorization: Bearer …', ...answer }
  }

  routes.post(
    '/replay',
    asynchronous(async (_req, res) => {
      const token = visitor.previous || visitor.access
      res.json(
        token === undefined
          ? { note: 'Log in first: there is no token to replay yet.', exchanges: [] }
          : { exchanges: [await exchange('A thief sends the token that you had', token)] },
      )
    }),
  )
  return routes
}
