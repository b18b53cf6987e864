import { describe, expect, it } from '@jest/globals'
import {
  requireBearer,
  requireStepUp,
  type AuthErrorReason,
  type StepUpOptions,
} from '../../../lib/index.js'
import express from 'express'
import request from 'supertest'
import { frozenClock } from '../../../tools/api.js'
import { bearerParameters } from '../../../tools/challenge.js'
import { serve } from '../../../tools/server.js'
import { startGuarded, type GuardedApi, type Claims } from '../../support/guarded.js'

const clock = frozenClock()
const NOW = clock()
const CODE = 'insufficient_user_authentication'

async function judged(
  needed: StepUpOptions,
  use: (api: GuardedApi) => Promise<void>,
  clockToleranceSeconds = 0,
): Promise<void> {
  const api = await startGuarded(requireStepUp(needed), { clock, clockToleranceSeconds })
  try {
    await use(api)
  } finally {
    await api.close()
  }
}

const PAYMENT: StepUpOptions = { acr: ['phr', 'mfa'], amr: 'hwk', maxAgeSeconds: 300 }
const STRONG = { acr: 'mfa', amr: ['pwd', 'hwk'], auth_time: NOW }

describe('requireStepUp', () => {
  it.each<[string, StepUpOptions, Claims, AuthErrorReason | undefined]>([
    ['one of the classes (9470-01)', { acr: ['phr', 'mfa'] }, { acr: 'mfa' }, undefined],
    ['the only class', { acr: 'mfa' }, { acr: 'mfa' }, undefined],
    ['a list of classes with one', { acr: 'mfa' }, { acr: ['pwd', 'mfa'] }, undefined],
    ['another class (9470-01)', { acr: 'mfa' }, { acr: 'pwd' }, 'login_too_weak'],
    ['no class (9470-06)', { acr: 'mfa' }, {}, 'login_too_weak'],
    ['a class in other letters', { acr: 'mfa' }, { acr: 'MFA' }, 'login_too_weak'],
    ['a class in a text', { acr: 'mfa' }, { acr: 'pwd mfa' }, 'login_too_weak'],
    ['a class as an object', { acr: 'mfa' }, { acr: { mfa: true } }, 'login_too_weak'],
    ['a number', { acr: '1' }, { acr: 1 }, 'login_too_weak'],
    ['null', { acr: 'mfa' }, { acr: null }, 'login_too_weak'],
    ['all methods (9470-11)', { amr: ['pwd', 'otp'] }, { amr: ['otp', 'x', 'pwd'] }, undefined],
    ['a method as a text', { amr: 'hwk' }, { amr: 'hwk' }, undefined],
    ['one method of two (9470-11)', { amr: ['pwd', 'otp'] }, { amr: ['otp'] }, 'login_too_weak'],
    ['no methods (9470-11)', { amr: 'hwk' }, {}, 'login_too_weak'],
    ['a login just recent enough', { maxAgeSeconds: 300 }, { auth_time: NOW - 300 }, undefined],
    ['one a second older', { maxAgeSeconds: 300 }, { auth_time: NOW - 301 }, 'login_too_old'],
    ['a login of now (9470-03)', { maxAgeSeconds: 0 }, { auth_time: NOW }, undefined],
    ['one of a second ago', { maxAgeSeconds: 0 }, { auth_time: NOW - 1 }, 'login_too_old'],
    ['one ahead of our clock', { maxAgeSeconds: 300 }, { auth_time: NOW + 1 }, 'login_too_old'],
    ['no auth_time, though iat is now (9470-06)', { maxAgeSeconds: 300 }, {}, 'login_too_old'],
    ['a time in words', { maxAgeSeconds: 300 }, { auth_time: String(NOW) }, 'login_too_old'],
    ['a time in a list', { maxAgeSeconds: 300 }, { auth_time: [NOW] }, 'login_too_old'],
    ['all that is asked for', PAYMENT, STRONG, undefined],
    ['all but the class', PAYMENT, { ...STRONG, acr: 'pwd' }, 'login_too_weak'],
    ['all but the method', PAYMENT, { ...STRONG, amr: ['pwd'] }, 'login_too_weak'],
    ['all but the time', PAYMENT, { ...STRONG, auth_time: 0 }, 'login_too_old'],
  ])('judges %s', async (_name, needed, claims, reason) => {
    await judged(needed, async (api) => {
      const response = await api.get(claims)
      expect(response.status).toBe(reason === undefined ? 200 : 401)
      expect(api.refusal()?.reason).toBe(reason)
    })
  })

  it('names all that it asks for in one challenge, whatever lacks (9470-01, 9470-02, 9470-03, 9470-04)', async () => {
    await judged(PAYMENT, async (api) => {
      for (const claims of [{}, { ...STRONG, acr: 'pwd' }, { ...STRONG, auth_time: 0 }]) {
        const response = await api.get(claims)
        expect(bearerParameters(response.headers['www-authenticate'] ?? '')).toEqual({
          realm: 'api',
          error: CODE,
          error_description: 'A stronger or more recent login is required',
          acr_values: 'phr mfa',
          max_age: '300',
        })
        expect(response.body).toMatchObject({ error: CODE })
      }
    })
  })

  it.each<[StepUpOptions, Record<string, string>]>([
    [{ acr: ['phr', 'mfa', 'phr'] }, { acr_values: 'phr mfa' }],
    [{ maxAgeSeconds: 0 }, { max_age: '0' }],
    [{ amr: 'hwk' }, {}],
  ])('asks for no more than it needs: %j (9470-02, 9470-03)', async (needed, told) => {
    await judged(needed, async (api) => {
      const { headers } = await api.get({ auth_time: 0 })
      const parameters = bearerParameters(headers['www-authenticate'] ?? '')
      for (const name of ['acr_values', 'max_age']) expect(parameters[name]).toBe(told[name])
    })
  })

  it('allows for the clock tolerance of the issuer, both ways', async () => {
    await judged(
      { maxAgeSeconds: 300 },
      async (api) => {
        for (const [time, status] of [
          [NOW - 305, 200],
          [NOW - 306, 401],
          [NOW + 5, 200],
          [NOW + 6, 401],
        ] as const) {
          expect((await api.get({ auth_time: time })).status).toBe(status)
        }
      },
      5,
    )
  })

  it('tells what it asks for to nobody without a good token (9470-08, 9470-09)', async () => {
    await judged(PAYMENT, async (api) => {
      const expired = await api.get({ ...STRONG, acr: 'pwd', exp: NOW - 1 })
      for (const { status, headers } of [expired, await api.anonymous()]) {
        expect(status).toBe(401)
        expect(headers['www-authenticate']).not.toMatch(/acr_values|max_age|phr/)
      }
    })
    const api = await startGuarded(requireStepUp(PAYMENT), { optional: true, clock })
    const { headers } = await api.anonymous()
    expect(headers['www-authenticate']).toBe('Bearer realm="api"')
    await api.close()
  })

  it('judges tokens that are no JWTs by the claims that their verifier gives (9470-07)', async () => {
    const names = new Set<string>()
    const bearer = requireBearer({
      clock,
      verifier: {
        verify: ({ token }) => ({
          issuer: 'https://id.test',
          revocationIssuer: 'https://id.test',
          subject: 'user-1',
          clientId: undefined,
          audience: [],
          scopes: names,
          roles: names,
          permissions: names,
          tokenId: token,
          sessionId: undefined,
          issuedAt: NOW,
          expiresAt: NOW + 300,
          version: undefined,
          claims: token === 'strong' ? STRONG : { auth_time: NOW },
          transport: 'header',
        }),
      },
    })
    const app = express()
    app.get('/', bearer, requireStepUp(PAYMENT), (_req, res) => void res.end())
    const server = await serve(app)
    for (const [token, status] of [
      ['strong', 200],
      ['weak', 401],
    ] as const) {
      const response = await request(server.url).get('/').set('Authorization', `Bearer ${token}`)
      expect(response.status).toBe(status)
    }
    await server.close()
  })

  it.each<[StepUpOptions, Claims, string]>([
    [{ acr: ['phr', 'mfa'] }, {}, 'Needs the acr phr or mfa'],
    [{ amr: ['pwd', 'otp'] }, {}, 'Needs the amr pwd and otp'],
    [{ maxAgeSeconds: 300 }, {}, 'There is no auth_time: needs one of the last 300 s'],
    [
      { maxAgeSeconds: 300 },
      { auth_time: 0 },
      'The login is older, or ahead: needs one of the last 300 s',
    ],
  ])('tells the log what it needs: %j of %j', async (needed, claims, detail) => {
    await judged(needed, async (api) => {
      const { headers } = await api.get(claims)
      expect(api.refusal()?.detail).toBe(detail)
      // A log-in brings no scope, so that a client must not ask for one.
      expect(headers['www-authenticate']).not.toContain('scope=')
    })
  })

  it.each<[unknown, string]>([
    [{}, '"needed" must name acr, amr or maxAgeSeconds'],
    [undefined, 'options must be an object'],
    [{ acr: [] }, '"acr" must be a non-empty string'],
    [{ acr: '' }, '"acr" must be a non-empty string'],
    [{ acr: 'a b' }, '"acr" must be names without spaces, quotes and backslashes'],
    [{ acr: 'a"' }, '"acr" must be names without spaces'],
    [{ amr: ['a\\'] }, '"amr" must be names without spaces'],
    [{ acr: [7] }, '"acr" must be a non-empty string'],
    [{ amr: [7] }, '"amr" must be a non-empty string'],
    [{ maxAgeSeconds: -1 }, '"maxAgeSeconds" must be a whole number from 0 to 31536000'],
    [{ maxAgeSeconds: 31_536_001 }, '"maxAgeSeconds" must be a whole number'],
    [{ maxAgeSeconds: 1.5 }, '"maxAgeSeconds" must be a whole number'],
    [{ maxAgeSeconds: Number.NaN }, '"maxAgeSeconds" must be a whole number'],
    [{ maxAgeSeconds: '300' }, '"maxAgeSeconds" must be a whole number'],
    [{ maxAge: 300 }, 'unknown option "maxAge"'],
  ])(
    'refuses %j at construction: it would ask for nothing, or for what is none',
    (needed, says) => {
      expect(() => requireStepUp(needed as StepUpOptions)).toThrow(`requireStepUp: ${says}`)
    },
  )
})
