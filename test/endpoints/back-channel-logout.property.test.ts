import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import request from 'supertest'
import { createTestIssuer } from '../../lib/testing.js'
import { takeApart } from '../support/forge.js'
import { LOGOUT_PATH, startLogoutReceiver, type LogoutReceiver } from '../support/logout.js'
import { FUZZ_RUNS } from '../support/runs.js'

const issuer = createTestIssuer()
let receiver: LogoutReceiver
const { payload } = takeApart(issuer.logoutToken())

beforeAll(async () => {
  receiver = await startLogoutReceiver(issuer, { clockToleranceSeconds: 60 })
})

afterAll(async () => {
  await receiver.close()
})

const CLAIMS = ['iss', 'aud', 'iat', 'exp', 'nbf', 'jti', 'sub', 'sid', 'events', 'nonce', 'typ']

describe('backChannelLogout', () => {
  it('answers any body with 400, and goes on (BCL-24)', async () => {
    const text = fc.oneof(fc.string(), fc.webQueryParameters())
    const body = fc.oneof(
      text,
      text.map((token) => `logout_token=${token}`),
      text.map((part) => `logout_token=a.${part}.c`),
    )
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const response = await request(receiver.url).post(LOGOUT_PATH).type('form').send(sent)
        expect(response.status).toBe(400)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('answers whatever its issuer signs with 200 or 400, and 200 only for a session or a user', async () => {
    const changes = fc.dictionary(fc.constantFrom(...CLAIMS), fc.jsonValue(), { maxKeys: 3 })
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const claims = { ...payload, ...changed }
        const response = await receiver.send(issuer.logoutToken(claims))
        const names = [claims['sub'], claims['sid']].filter((name) => name !== null)
        const named = names.length > 0 && names.every((name) => typeof name === 'string')
        expect(named && !('nonce' in claims) ? [200, 400] : [400]).toContain(response.status)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})
