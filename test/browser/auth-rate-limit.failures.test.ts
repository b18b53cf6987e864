import { describe, expect, it } from '@jest/globals'
import express, { type Express, type Request } from 'express'
import request from 'supertest'
import {
  authRateLimit,
  type AuthRateLimitOptions,
  type AuthRateLimitPreset,
} from '../../lib/browser/auth-rate-limit.js'
import type { AuthEvent } from '../../lib/core/events/auth-event.js'

/** A form that answers with the status that the request asks for. */
function form(preset: AuthRateLimitPreset, options: AuthRateLimitOptions): Express {
  const app = express()
  app.use(authRateLimit(preset, { failuresPerNetwork: 1, ...options }), (req, res) => {
    res.sendStatus(Number(req.get('x-answer') ?? 400))
  })
  return app
}

async function sent(
  app: Express,
  answer: number,
  method: 'post' | 'get' = 'post',
): Promise<number> {
  return (await request(app)[method]('/').set('x-answer', `${answer}`)).status
}

describe('what counts as a failure', () => {
  it.each<[AuthRateLimitPreset, number, 'post' | 'get', boolean]>([
    ['login', 399, 'post', false],
    ['login', 400, 'post', true],
    ['token', 499, 'post', true],
    ['refresh', 500, 'post', false],
    ['login', 401, 'get', true],
    ['register', 200, 'post', true],
    ['register', 499, 'post', true],
    ['register', 500, 'post', false],
    ['register', 200, 'get', false],
    ['register', 404, 'get', false],
  ])('at %s: %d to a %s: %s', async (preset, answer, method, counts) => {
    const app = form(preset, {})
    await sent(app, answer, method)
    expect((await sent(app, 200)) === 429).toBe(counts)
  })

  it('is what the app says, in place of that', async () => {
    const app = form('login', { isFailure: (_req, res) => res.statusCode === 200 })
    await sent(app, 401)
    await sent(app, 200)
    expect(await sent(app, 401)).toBe(429)
  })
})

describe('how many failures there may be', () => {
  it.each<[AuthRateLimitPreset, number]>([
    ['login', 20],
    ['token', 60],
    ['register', 20],
    ['refresh', 60],
  ])('of one network at %s: %d in fifteen minutes', async (preset, failures) => {
    const app = express().use(authRateLimit(preset), (_req, res) => void res.end())
    const { headers } = await request(app).get('/')
    expect(headers['ratelimit-policy']).toContain(`"${preset}-network"; q=${failures}; w=900`)
  })

  it('at one account: five, and what the app says in place of it', async () => {
    for (const [options, failures] of [
      [{}, 5],
      [{ failuresPerAccount: 2, windowSeconds: 60 }, 2],
    ] as const) {
      const app = express().use(authRateLimit('login', { account: () => 'a', ...options }))
      const { headers } = await request(app).get('/')
      expect(headers['ratelimit-policy']).toContain(`"login-account"; q=${failures}; w=`)
    }
  })
})

const account = (req: Request): string => req.get('x-account') as string

const byAccount = (name?: unknown): Express =>
  form('login', {
    failuresPerNetwork: 100,
    failuresPerAccount: 1,
    account: (name === undefined ? account : () => name) as () => string,
  })

describe('an account', () => {
  it.each([
    ['in another case', 'ALICE', 'alice', true],
    ['in another form of Unicode', encodeURI('\uFB01'), encodeURI('\uFB01'), true],
    ['of 256 characters in another case', 'A'.repeat(256), 'a'.repeat(256), true],
    ['of 257 characters in another case', 'A'.repeat(257), 'a'.repeat(257), false],
    ['that is another', 'alice', 'bob', false],
  ])('%s is the same one: %#', async (_name, first, second, same) => {
    const limited = byAccount()
    await request(limited).post('/').set('x-account', first)
    const { status } = await request(limited).post('/').set('x-account', second)
    expect(status).toBe(same ? 429 : 400)
  })

  it.each([[7], [null], [{}]])('that is no text is like none: %p', async (name) => {
    const limited = byAccount(name)
    expect([await sent(limited, 400), await sent(limited, 400)]).toEqual([400, 429])
  })
})

describe('a refusal', () => {
  it('is told and answered as the options say', async () => {
    const events: AuthEvent[] = []
    const app = form('login', { errorFormat: 'problem', onEvent: (event) => events.push(event) })
    await sent(app, 400)
    const { headers } = await request(app).post('/')
    expect(headers['content-type']).toContain('application/problem+json')
    expect(events).toMatchObject([{ name: 'request.refused', guard: 'authRateLimit' }])
  })

  it('may be answered by the app', async () => {
    const app = form('login', {
      onRefuse: (_error, _req, res) => void res.writeHead(418).end(),
      advice: false,
    })
    await sent(app, 400)
    expect(await sent(app, 400)).toBe(418)
  })

  it.each<[object, string]>([
    [{ isFailure: true }, 'authRateLimit: "isFailure" must be a function'],
    [
      { failuresPerAccount: 0 },
      'authRateLimit: "failuresPerAccount" must be a whole number from 1 to 1000000',
    ],
    [{ failuresPerNetwork: 1.5 }, '"failuresPerNetwork" must be a whole number'],
    [{ errorFormat: 'xml' }, '"errorFormat"'],
  ])('comes at construction for %j', (options, complaint) => {
    expect(() => authRateLimit('login', options)).toThrow(complaint)
  })

  it.each(['login', 'token', 'register', 'refresh'])('never comes for the preset %s', (preset) => {
    expect(() => authRateLimit(preset as 'login')).not.toThrow()
  })
})
