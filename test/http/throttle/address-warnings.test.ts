import { describe, expect, it, jest } from '@jest/globals'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer, get, IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import connect from 'connect'
import express, { type Express } from 'express'
import request from 'supertest'
import { createAddressWarnings } from '../../../lib/http/throttle/address-warnings.js'
import { authRateLimit } from '../../../lib/browser.js'
import { requireBearer } from '../../../lib/index.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { EXPRESS_VERSIONS } from '../../support/express-versions.js'

const issuer = createTestIssuer()

/** What the process is warned of while `work` runs. */
async function warningsOf(work: () => Promise<void>): Promise<unknown[]> {
  const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue()
  await work()
  const warnings = emitWarning.mock.calls.map((call) => call as readonly unknown[])
  emitWarning.mockRestore()
  return warnings
}

function throttled(): ReturnType<typeof requireBearer> {
  return requireBearer({ ...issuer.options, throttle: { failuresPerNetwork: 3 } })
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
  expect(await warningsOf(async () => createAddressWarnings('requireBearer')(read))).toEqual([])
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

describe('an address that is none', () => {
  it.each([
    ['a name', 'unknown', true],
    ['an identifier that hides one (RFC 7239 §6.3)', '_hidden', true],
    ['an address', '192.0.2.1', false],
    ['an address with its port', '192.0.2.1:40000', false],
    ['an IPv6 address with its port', '[2001:db8::1]:40000', false],
  ])('in X-Forwarded-For of a trusted proxy is warned of once: %s', async (_name, value, warns) => {
    const app = express()
    app.set('trust proxy', 1)
    app.use(throttled())
    const warnings = await warningsOf(async () => {
      await bad(app, value)
      await bad(app, value)
    })
    const text: unknown = expect.stringMatching(/^requireBearer: .*no IP address/)
    expect(warnings).toEqual(warns ? [[text, { code: 'ERS_CLIENT_ADDRESS' }]] : [])
    expect(JSON.stringify(warnings)).not.toContain(value)
  })

  it('is that of each client of a unix socket', async () => {
    const app = express().use(throttled())
    const socketPath = join(mkdtempSync(join(tmpdir(), 'ers-')), 'app.sock')
    const server = createServer(app).listen(socketPath)
    await once(server, 'listening')
    const warnings = await warningsOf(async () => {
      const headers = { authorization: 'Bearer a.b.c', 'x-forwarded-for': '192.0.2.1' }
      const [answer] = (await once(get({ socketPath, headers }), 'response')) as [IncomingMessage]
      expect(answer.resume().statusCode).toBe(401)
    })
    server.closeAllConnections()
    server.close()
    expect(warnings).toEqual([
      [expect.stringContaining('unix socket'), { code: 'ERS_CLIENT_ADDRESS' }],
    ])
  })

  it('is no fault of a connection that is gone', async () => {
    const req = new IncomingMessage(new Socket().destroy())
    expect(await warningsOf(async () => createAddressWarnings('requireBearer')(req))).toEqual([])
  })
})
