import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import connect from 'connect'
import express, { type Express } from 'express'
import request from 'supertest'
import { createProxyWarning } from '../../../lib/http/throttle/proxy-warning.js'
import { authRateLimit } from '../../../lib/browser.js'
import { requireBearer } from '../../../lib/index.js'
import { EXPRESS_VERSIONS } from '../../support/express-versions.js'
import { startIssuer, type TestIssuer } from '../../../tools/issuer.js'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await startIssuer()
})

afterAll(async () => {
  await issuer.close()
})

/** What the process is warned of while `work` runs. */
async function warningsOf(work: () => Promise<void>): Promise<unknown[]> {
  const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue()
  await work()
  const warnings = emitWarning.mock.calls.map((call) => call as readonly unknown[])
  emitWarning.mockRestore()
  return warnings
}

function throttled(): ReturnType<typeof requireBearer> {
  const { url, audience } = issuer
  return requireBearer({ issuer: url, audience, throttle: { failuresPerNetwork: 3 } })
}

async function bad(app: Express | connect.Server, forwardedFor?: string): Promise<number> {
  const sent = request(app).get('/').set('Authorization', 'Bearer a.b.c')
  if (forwardedFor !== undefined) void sent.set('X-Forwarded-For', forwardedFor)
  return (await sent).status
}

describe.each(EXPRESS_VERSIONS)('X-Forwarded-For on %s', (_version, createApp) => {
  it('is not believed while "trust proxy" is unset, and warned of once', async () => {
    const app = createApp()
    app.use(throttled())
    const statuses: number[] = []
    const warnings = await warningsOf(async () => {
      for (let host = 1; host <= 4; host += 1) statuses.push(await bad(app, `192.0.2.${host}`))
    })
    expect(statuses).toEqual([401, 401, 401, 429])
    const text: unknown = expect.stringMatching(/^requireBearer: .*app\.set\('trust proxy'/)
    expect(warnings).toEqual([[text, { code: 'ERS_TRUST_PROXY' }]])
  })

  it('is no fault where "trust proxy" is set, though it may name the proxy itself', async () => {
    const app = createApp()
    app.set('trust proxy', 'loopback')
    app.use(throttled())
    const warnings = await warningsOf(async () => {
      await bad(app, '127.0.0.1')
      await bad(app, '192.0.2.1')
    })
    expect(warnings).toEqual([])
  })

  it('is not missed where nobody sends it', async () => {
    const app = createApp()
    app.use(throttled())
    expect(await warningsOf(async () => void (await bad(app)))).toEqual([])
  })
})

it('X-Forwarded-For is warned of on connect, which reads it nowhere', async () => {
  const app = connect()
  app.use(throttled())
  expect(await warningsOf(async () => void (await bad(app, '192.0.2.1')))).toHaveLength(1)
})

it('X-Forwarded-For is no fault on a host that reads it in its own way', async () => {
  const req = new IncomingMessage(new Socket())
  req.headers['x-forwarded-for'] = '192.0.2.1'
  const read = Object.assign(req, { ip: '192.0.2.1' })
  expect(await warningsOf(async () => createProxyWarning('requireBearer')(read))).toEqual([])
})

it('authRateLimit warns of it too, once for all its limits', async () => {
  const app = express()
  app.get('/', authRateLimit('login', { account: () => 'alice' }), (_req, res) => {
    res.sendStatus(401)
  })
  const warnings = await warningsOf(async () => {
    await bad(app, '192.0.2.1')
    await bad(app, '192.0.2.2')
  })
  const text: unknown = expect.stringContaining('authRateLimit: ')
  expect(warnings).toEqual([[text, { code: 'ERS_TRUST_PROXY' }]])
})
