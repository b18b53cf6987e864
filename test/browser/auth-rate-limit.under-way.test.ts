import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import express, { type ErrorRequestHandler, type Response } from 'express'
import { Redis } from 'ioredis'
import request from 'supertest'
import { authRateLimit, type AuthRateLimitOptions } from '../../lib/browser.js'
import { startRedis, type RedisServer } from '../../tools/redis-server.js'
import { serve, type RunningServer } from '../../tools/server.js'
import { until } from '../../tools/until.js'

/** A login whose attempts are answered when the test says so. */
interface Login {
  readonly server: RunningServer
  /** Attempts that reached the handler, answered or not. */
  readonly reached: () => number
  /** Attempts in the handler that wait for their answer. */
  readonly underWay: Response[]
  /** Requests that came, and those whose connection has ended since. */
  readonly seen: { came: number; ended: number }
}

const servers: RunningServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function login(options: AuthRateLimitOptions = {}, preset = 'login'): Promise<Login> {
  const underWay: Response[] = []
  const seen = { came: 0, ended: 0 }
  let reached = 0
  const app = express()
  app.use((_req, res, next) => {
    seen.came += 1
    res.once('close', () => {
      seen.ended += 1
    })
    next()
  })
  app.use(express.json())
  app.all('/login', authRateLimit(preset as 'login', options), (_req, res) => {
    reached += 1
    underWay.push(res)
  })
  app.use(((error: Error, _req, res, _next) => {
    res.status(400).json({ message: error.message })
  }) satisfies ErrorRequestHandler)
  const server = await serve(app)
  servers.push(server)
  return { server, reached: () => reached, underWay, seen }
}

const account = (): string => 'alice'
const rejecting = (): never => Promise.reject(new Error('the app failed')) as never

async function attempt({ server }: Login): Promise<number> {
  return (await request(server.url).post('/login').send({ username: 'alice' })).status
}

function attempts(to: Login, count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => attempt(to)))
}

/** Answers whatever reaches the handler, until all requests are answered; tells how many it was at once at most. */
async function answerAll<T>(
  logins: readonly Login[],
  status: number,
  answered: Promise<T>,
): Promise<{ readonly most: number; readonly answers: T }> {
  let most = 0
  function answerThem(): void {
    const waiting = logins.flatMap(({ underWay }) => underWay.splice(0))
    most = Math.max(most, waiting.length)
    for (const res of waiting) if (!res.closed) res.sendStatus(status)
  }
  const answering = setInterval(answerThem, 5)
  try {
    return { answers: await answered, most }
  } finally {
    clearInterval(answering)
  }
}

async function open({ server }: Login): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write('POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  return socket
}

const tally = (statuses: readonly number[], status: number): number =>
  statuses.filter((each) => each === status).length

describe('an attempt at authRateLimit', () => {
  it('counts as a failure where its sender hangs up before the answer', async () => {
    const to = await login({ account })
    for (let count = 1; count <= 5; count += 1) {
      const socket = await open(to)
      const res = await until(() => {
        expect(to.reached()).toBe(count)
        return to.underWay.pop()!
      })
      const closed = once(res, 'close')
      socket.destroy()
      await closed
      // Answered all the same, and well: the session of the attacker is logged in.
      res.sendStatus(200)
    }
    const refused = await request(to.server.url).post('/login').send({})
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800)
    expect(to.reached()).toBe(5)
  })

  it('never reaches the handler where its sender had left before it came here', async () => {
    const app = express()
    const passed: string[] = []
    let left = 0
    app.use('/login', (_req, res, next) => {
      res.once('close', () => {
        left += 1
        next()
      })
    })
    app.use(authRateLimit('login'), (req, res) => {
      passed.push(req.url)
      res.end()
    })
    const server = await serve(app)
    servers.push(server)
    const socket = await open({ server } as Login)
    socket.destroy()
    await until(() => expect(left).toBe(1))
    await request(server.url).get('/later')
    expect(passed).toEqual(['/later'])
  })

  it('reaches the handler no more often than it may fail, however many are sent at once', async () => {
    const to = await login({ account })
    const { answers } = await answerAll([to], 401, attempts(to, 100))
    expect(to.reached()).toBe(5)
    expect(tally(answers, 401)).toBe(5)
    expect(tally(answers, 429)).toBe(95)
  })

  it('waits while others are under way, so that good ones at once all pass', async () => {
    const to = await login({ account })
    const { answers, most } = await answerAll([to], 200, attempts(to, 40))
    expect(tally(answers, 200)).toBe(40)
    expect(most).toBeLessThanOrEqual(5)
  })

  it('takes no place where it was refused by the other limit', async () => {
    const to = await login({ account, failuresPerAccount: 1, failuresPerNetwork: 3 })
    await answerAll([to], 401, attempts(to, 1))
    expect(await attempts(to, 6)).toEqual([429, 429, 429, 429, 429, 429])
    const other = await request(to.server.url).post('/login').send({})
    expect(other.headers['ratelimit']).toContain('"login-network"; r=1')
  })

  it('never reaches the handler once its sender has left the line', async () => {
    const to = await login({ failuresPerNetwork: 1 })
    const first = attempt(to)
    await until(() => expect(to.underWay).toHaveLength(1))
    const gone = await open(to)
    await until(() => expect(to.seen.came).toBe(2))
    gone.destroy()
    const last = attempt(to)
    await until(() => expect(to.seen).toEqual({ came: 3, ended: 1 }))
    await answerAll([to], 200, Promise.all([first, last]))
    expect(to.reached()).toBe(2)
    const { answers } = await answerAll([to], 200, attempts(to, 1))
    expect(answers).toEqual([200])
  })

  it.each<[string, () => never]>([
    [
      'throws',
      () => {
        throw new Error('the app failed')
      },
    ],
    ['rejects', rejecting],
  ])('is a failure where isFailure %s, and warns once', async (_name, isFailure) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const to = await login({ isFailure, failuresPerNetwork: 2 })
    await answerAll([to], 200, attempts(to, 2))
    expect(await attempt(to)).toBe(429)
    expect(warn.mock.calls).toEqual([[expect.any(String), { code: 'ERS_IS_FAILURE' }]])
    warn.mockRestore()
  })

  it('is no failure where somebody behind answers 429, who has judged no guess', async () => {
    const to = await login({ failuresPerNetwork: 1, isFailure: () => true })
    const { answers } = await answerAll([to], 429, attempts(to, 3))
    expect(answers).toEqual([429, 429, 429])
    expect(to.reached()).toBe(3)
  })

  it('is told to the error handler, and to nobody else, where account throws', async () => {
    const to = await login({
      account: () => {
        throw new Error('the app failed')
      },
      isFailure: (_req, res) => res.statusCode >= 400,
    })
    expect(await attempts(to, 3)).toEqual([400, 400, 400])
    expect(to.reached()).toBe(0)
  })

  it('counts for nobody where account rejects later', async () => {
    const to = await login({ account: rejecting })
    const { answers } = await answerAll([to], 200, attempts(to, 3))
    expect(answers).toEqual([200, 200, 200])
  })
})

describe("authRateLimit('register')", () => {
  it('counts accounts that were made', async () => {
    const to = await login({ failuresPerNetwork: 3 }, 'register')
    const { answers } = await answerAll([to], 201, attempts(to, 10))
    expect(tally(answers, 201)).toBe(3)
    expect(tally(answers, 429)).toBe(7)
  })

  it.each([
    ['the form itself', 'get', 200],
    ['an answer of ours that failed', 'post', 503],
  ] as const)('does not count %s', async (_name, method, status) => {
    const to = await login({ failuresPerNetwork: 1 }, 'register')
    for (let count = 0; count < 3; count += 1) {
      const sent = request(to.server.url)[method]('/login')
      const answered = sent.then((answer) => answer.status)
      expect((await answerAll([to], status, answered)).answers).toBe(status)
    }
  })
})

describe('two processes that share their counts', () => {
  let server: RedisServer
  let redis: Redis

  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
  })

  afterEach(async () => {
    await redis.flushall()
  })

  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  it('let no more attempts reach their handlers together than may fail', async () => {
    const both = [await login({ redis, account }), await login({ redis, account })]
    const sent = Promise.all(both.map((to) => attempts(to, 40)))
    const { answers } = await answerAll(both, 401, sent)
    expect(both.reduce((sum, { reached }) => sum + reached(), 0)).toBe(5)
    expect(tally(answers.flat(), 401)).toBe(5)
  })

  it('let good attempts that come at once pass, a few at a time', async () => {
    const both = [await login({ redis, account }), await login({ redis, account })]
    const sent = Promise.all(both.map((to) => attempts(to, 15)))
    const { answers, most } = await answerAll(both, 200, sent)
    expect(tally(answers.flat(), 200)).toBe(30)
    expect(most).toBeLessThanOrEqual(5)
    await until(async () => expect(await redis.keys('*')).toEqual([]))
  })
})
