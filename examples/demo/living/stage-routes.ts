import { Router } from 'express'
import { asynchronous } from './asynchronous.js'
import { LEVERS } from './levers/index.js'
import type { Visitor } from './login.js'
import type { LivingStage } from './stage.js'

/** The levers that the page's buttons move. */
export function stageRoutes(stage: LivingStage, visitor: Visitor): Router {
  const routes = Router()
  const api = `http://127.0.0.1:${new URL(stage.origin).port}`
  for (const [name, lever] of Object.entries(LEVERS)) {
    routes.post(
      `/${name}`,
      asynchronous(async (_req, res) => {
        res.json(await lever({ stage, visitor, api }))
      }),
    )
  }
  return routes
}
