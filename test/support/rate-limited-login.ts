import express, { type Express } from 'express'
import request from 'supertest'
import { authRateLimit, type AuthRateLimitOptions } from '../../lib/browser/auth-rate-limit.js'

interface Credentials {
  readonly username?: string
  readonly password?: string
}

function account(req: unknown): string | undefined {
  return (req as { body: Credentials }).body.username
}

/** A login behind `authRateLimit`, which takes the password `right` alone. */
export function loginApp(
  options: AuthRateLimitOptions = {},
  createApp: typeof express = express,
): Express {
  const app = createApp()
  app.set('trust proxy', 1)
  app.use(express.json())
  app.post('/login', authRateLimit('login', { account, ...options }), (req, res) => {
    res.sendStatus((req.body as Credentials).password === 'right' ? 200 : 401)
  })
  return app
}

export async function attempt(
  app: Express,
  password: string,
  from: object = {},
): Promise<request.Response> {
  const { username = 'alice', ip = '192.0.2.1' } = from as { username?: string; ip?: string }
  return request(app).post('/login').set('X-Forwarded-For', ip).send({ username, password })
}

/** @returns the status of the last try. */
export async function fail(app: Express, times: number, from: object = {}): Promise<number> {
  let status = 0
  for (let count = 0; count < times; count += 1) status = (await attempt(app, 'wrong', from)).status
  return status
}
