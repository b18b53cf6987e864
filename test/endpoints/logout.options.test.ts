import { expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { logout } from '../../lib/endpoints/logout.js'
import { requireBearer } from '../../lib/guards/require-bearer.js'
import type { AuthEvent } from '../../lib/core/events/auth-event.js'
import { createTestIssuer, testRevocationStore } from '../../lib/testing.js'

const clearable = { clear: () => undefined }

it.each<[unknown, RegExp]>([
  [{ cookies: clearable }, /logout: "cookies" must be a list of tokenCookie\(\)/],
  [{ cookies: [clearable, {}] }, /"cookies" must be a list/],
  [{ cookies: [{ clear: true }] }, /"cookies" must be a list/],
  [{ cookies: [null] }, /"cookies" must be a list/],
  [{ cookies: 'at' }, /"cookies" must be a list/],
  [{ respond: 204 }, /"respond" must be a function/],
  [{ scope: 'all' }, /"scope" must be/],
])('logout does not construct with %j', (options, complaint) => {
  expect(() => logout(testRevocationStore(), options as never)).toThrow(complaint)
})

it.each([[{}], [{ cookies: [] }], [{ cookies: [clearable] }], [{ scope: 'others' }]])(
  'logout constructs with %j',
  (options) => {
    expect(() => logout(testRevocationStore(), options as never)).not.toThrow()
  },
)

it('logout asks for a token, and tells of the refusal under its name', async () => {
  const issuer = createTestIssuer()
  const events: AuthEvent[] = []
  const onEvent = (event: AuthEvent): unknown => events.push(event)
  const app = express().use(requireBearer({ ...issuer.options, optional: true, onEvent }))
  app.post('/', logout(testRevocationStore()))
  expect((await request(app).post('/')).status).toBe(401)
  expect(events.at(-1)).toMatchObject({ guard: 'logout', reason: 'no_credential' })
})

it('logout of all others leaves the token and its cookie, and any other scope clears it', async () => {
  const issuer = createTestIssuer()
  let cleared = 0
  const cookies = [{ clear: () => void (cleared += 1) }]
  for (const [scope, times] of [
    ['others', 0],
    ['session', 1],
  ] as const) {
    const app = express().use(requireBearer(issuer.options))
    app.post('/', logout(testRevocationStore(), { scope, cookies: cookies as never }))
    expect((await issuer.authed(request(app).post('/'))).status).toBe(204)
    expect(cleared).toBe(times)
  }
})
