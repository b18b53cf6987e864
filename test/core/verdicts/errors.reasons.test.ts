import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { tokenCookie } from '../../../lib/browser.js'
import { EVENT_CHANNEL, requireBearer, requireScope, type AuthEvent } from '../../../lib/index.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { rawRequest, serve, type RunningServer } from '../../../tools/server.js'

const seal = tokenCookie({ seal: ['a secret of at least 32 bytes, no. 1'] })

const issuer = createTestIssuer()
let api: RunningServer
const events: AuthEvent[] = []

beforeAll(async () => {
  const app = express()
  app.get('/plain', requireBearer({ ...issuer.options, cookie: 'at' }))
  app.get('/sealed', requireBearer({ ...issuer.options, cookie: seal }))
  app.get('/misplaced', requireScope('a'))
  app.use(((_error, _req, res, _next) => void res.sendStatus(500)) as express.ErrorRequestHandler)
  api = await serve(app)
  subscribe(EVENT_CHANNEL, hear)
})

afterAll(async () => {
  unsubscribe(EVENT_CHANNEL, hear)
  await api.close()
})

function hear(message: unknown): void {
  events.push(message as AuthEvent)
}

describe('the channel tells the exact reason, which the client is not told', () => {
  it.each([
    ['another scheme', '/plain', ['Authorization: Basic dTpw'], 401, 'unsupported_scheme'],
    [
      'a scheme of illegal characters',
      '/plain',
      ['Authorization: {'],
      400,
      'malformed_authorization',
    ],
    [
      'two lines',
      '/plain',
      ['Authorization: Bearer a', 'Authorization: Bearer b'],
      400,
      'duplicate_authorization',
    ],
    [
      'a token of 12,289 characters',
      '/plain',
      [`Authorization: Bearer ${'a'.repeat(12_289)}`],
      400,
      'token_too_large',
    ],
    ['two cookies', '/plain', ['Cookie: at=a; at=b'], 400, 'duplicate_cookie'],
    ['a cookie that holds no token', '/plain', ['Cookie: at={}'], 400, 'malformed_cookie'],
    [
      'a cookie of 12,289 characters',
      '/plain',
      [`Cookie: at=${'a'.repeat(12_289)}`],
      400,
      'token_too_large',
    ],
    ['a cookie that nobody sealed', '/sealed', [`Cookie: ${seal.name}=a.b.c`], 401, 'broken_seal'],
  ])('%s', async (_name, path, lines, status, reason) => {
    const answer = await rawRequest(api.port, lines, `GET ${path} HTTP/1.1`)
    expect(answer.status).toBe(status)
    expect(answer.body).not.toContain(reason)
    expect(events.at(-1)).toMatchObject({ name: 'request.refused', status, reason })
  })

  it('a guard without requireBearer in front', async () => {
    expect((await rawRequest(api.port, [], 'GET /misplaced HTTP/1.1')).status).toBe(500)
    expect(events.at(-1)).toMatchObject({ name: 'guard.misplaced', guard: 'requireScope' })
  })
})
