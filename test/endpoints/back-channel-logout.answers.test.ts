import { describe, expect, it } from '@jest/globals'
import express, { type Express } from 'express'
import request from 'supertest'
import { backChannelLogout } from '../../lib/endpoints/back-channel-logout.js'
import type { AuthEvent } from '../../lib/core/events/auth-event.js'
import { requestOf } from '../../lib/core/events/request-event.js'
import { createTestIssuer, testRevocationStore } from '../../lib/testing.js'

const issuer = createTestIssuer()
const store = testRevocationStore()
const events: AuthEvent[] = []
const app: Express = express().use(
  backChannelLogout(store, { ...issuer.logoutOptions, onEvent: (event) => events.push(event) }),
)
const form = (claims = {}): string => `logout_token=${issuer.logoutToken(claims)}`

describe('an answer of backChannelLogout', () => {
  it.each<[string, string, string, string]>([
    [
      'no form',
      'x=1',
      'invalid_request',
      'The request must be a form with exactly one logout_token',
    ],
    [
      'no good token',
      form({ aud: 'other' }),
      'invalid_request',
      'The logout token is malformed, expired, forged or not meant for this client',
    ],
  ])('to %s says so by the one code of the standard (§2.8)', async (_what, body, error, text) => {
    const answer = await request(app).post('/').send(body)
    expect([answer.status, answer.body]).toEqual([400, { error, error_description: text }])
    expect(answer.headers).not.toHaveProperty('retry-after')
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('says when to come back where the logout could not be stored', async () => {
    store.outage()
    const answer = await request(app).post('/').send(form())
    store.recover()
    expect([answer.status, answer.body]).toEqual([
      400,
      {
        error: 'temporarily_unavailable',
        error_description: 'The logout could not be carried out right now; try again',
      },
    ])
    expect(answer.headers['retry-after']).toBe('1')
    const refusal = events.at(-1)!
    expect(refusal).toMatchObject({ name: 'request.refused', status: 400, family: 'dependency' })
    expect(requestOf(refusal)).toMatchObject({ method: 'POST' })
  })

  it.each(['get', 'head'] as const)('to %s names the method that there is', async (method) => {
    const answer = await request(app)[method]('/')
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST'])
    const error = 'invalid_request'
    const error_description = 'The request must be a form with exactly one logout_token'
    expect(answer.body).toEqual(method === 'head' ? {} : { error, error_description })
  })

  it.each([
    ['a session', {}, { scope: 'session', sessionIdDigest: expect.any(String) }],
    ['a user', { sid: undefined }, { scope: 'everywhere', sessionIdDigest: undefined }],
    ['a session of nobody', { sub: undefined }, { scope: 'session', subjectDigest: undefined }],
  ])('to the logout of %s is told with digests', async (_what, claims, told) => {
    expect((await request(app).post('/').send(form(claims))).status).toBe(200)
    expect(events.at(-1)).toMatchObject({ name: 'logout.received', ...told })
    expect(JSON.stringify(events.at(-1))).not.toMatch(/session-1|user-1/)
  })

  it.each<[object, string]>([
    [{ clock: 1 }, 'backChannelLogout: "clock" must be a function'],
    [{ onEvent: 1 }, '"onEvent" must be a function'],
    [{ advice: 1 }, '"advice" must be true or false'],
    [{ endBy: 'user' }, `"endBy" must be 'session' or 'subject'`],
  ])('never comes with the options %j', (options, complaint) => {
    const all = { ...issuer.logoutOptions, ...options }
    expect(() => backChannelLogout(store, all as never)).toThrow(complaint)
    expect(() => backChannelLogout(store, { ...issuer.logoutOptions, advice: false })).not.toThrow()
  })
})
