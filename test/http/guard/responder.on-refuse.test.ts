import { describe, expect, it } from '@jest/globals'
import express, { type NextFunction, type Request, type Response } from 'express'
import request from 'supertest'
import { requireBearer, requireScope, type AuthError, type OnRefuse } from '../../../lib/index.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { serve } from '../../../tools/server.js'

const issuer = createTestIssuer()

/** The answer of an app with this `onRefuse` and an error handler that answers 418. */
async function answerOf(onRefuse: OnRefuse, token: string): Promise<request.Response> {
  const app = express()
  app.use(requireBearer({ ...issuer.options, onRefuse }))
  app.get('/', requireScope('admin'), (_req, res) => void res.end())
  app.use((_error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(418).end()
  })
  const server = await serve(app)
  const response = await request(server.url).get('/').set('Authorization', `Bearer ${token}`)
  await server.close()
  return response
}

const CALLS = [
  ['a malformed header', () => '"'],
  ['a bad token', () => 'bad'],
  ['a forged token', () => issuer.wrongKey()],
  ['a scope missing', () => issuer.token()],
] as const

describe('onRefuse', () => {
  it.each(CALLS)('answers in our place, once: %s', async (_name, token) => {
    let calls = 0
    const onRefuse: OnRefuse = (error: AuthError, _req, res) => {
      calls += 1
      res.statusCode = error.status
      res.end('mine')
    }
    const response = await answerOf(onRefuse, token())
    expect([calls, response.text, response.headers['www-authenticate']]).toEqual([
      1,
      'mine',
      undefined,
    ])
  })

  it.each(CALLS)('can leave the error to the app: %s', async (_name, token) => {
    const response = await answerOf((error, _req, _res, next) => next(error), token())
    expect(response.status).toBe(418)
  })

  it.each(CALLS)('that throws ends in the error handler of the app: %s', async (_name, token) => {
    const response = await answerOf(() => {
      throw new Error('a fault of the app')
    }, token())
    expect(response.status).toBe(418)
  })

  it.each(CALLS)('that rejects ends in the error handler of the app: %s', async (_name, token) => {
    const failing = Promise.reject(new Error('a fault of the app'))
    expect((await answerOf(() => failing, token())).status).toBe(418)
  })
})
