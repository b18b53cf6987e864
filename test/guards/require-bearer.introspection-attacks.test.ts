import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  clientSecretBasic,
  requireBearer,
  type AuthEvent,
  type IssuerOptions,
} from '../../lib/index.js'
import { CLIENT } from '../../tools/introspecting-issuer.js'
import { serve } from '../../tools/server.js'
import { get, startIntrospected, type Introspected } from '../support/introspected.js'

let scene: Introspected

beforeAll(async () => {
  scene = await startIntrospected()
})
beforeEach(() => scene.reset())
afterAll(() => scene.close())

const raw = async (url: string, headers: Record<string, string>): Promise<number> =>
  (await request(url).get('/').set(headers)).status

describe('what the issuer is asked', () => {
  it.each([
    ['opaque', () => scene.issuer.opaque()],
    [
      'all',
      async () => {
        const token = await scene.issuer.token()
        scene.issuer.answers.set(token, { active: true })
        return token
      },
    ],
  ] as const)(
    'is asked once of a token, however its scheme is spelt (for: %s)',
    async (asked, make) => {
      const api = await scene.startApi({ for: asked })
      const token = await make()
      for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR', 'Bearer ', 'Bearer    ']) {
        expect(await raw(api.url, { authorization: `${scheme} ${token}` })).toBe(200)
      }
      expect(scene.issuer.calls).toHaveLength(1)
    },
  )

  it('is asked once of an invented token, however its scheme is spelt', async () => {
    const api = await scene.startApi()
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer  ']) {
      expect(await raw(api.url, { authorization: `${scheme} invented` })).toBe(401)
    }
    expect(scene.issuer.calls).toHaveLength(1)
  })

  it.each(['opaque', 'all'] as const)(
    'is asked once more of a token that was revoked here, and not at each request (for: %s)',
    async (asked) => {
      const api = await scene.startApi({ for: asked })
      const jti = `revoked-here-${asked}`
      const token =
        asked === 'all' ? await scene.issuer.token({ jti }) : scene.issuer.opaque({ jti })
      if (asked === 'all') scene.issuer.answers.set(token, { active: true })
      await get(api, token).expect(200)
      await scene.revocations.revokeToken({
        issuer: scene.issuer.url,
        tokenId: jti,
        expiresAt: Math.floor(scene.now) + 300,
      })
      for (let turn = 0; turn < 10; turn += 1) await get(api, token).expect(401)
      expect(scene.lastReason()).toBe('revoked')
      expect(scene.issuer.calls).toHaveLength(2)
    },
  )

  it('costs one look at the metadata, of however many tokens at once', async () => {
    const looks: string[] = []
    const { intercept } = scene.issuer
    scene.issuer.intercept = (req, res) => {
      if (req.url?.startsWith('/.well-known/oauth') === true) looks.push(req.url)
      return intercept?.(req, res) ?? false
    }
    const api = await scene.startApi()
    const tokens = Array.from({ length: 40 }, () => scene.issuer.opaque())
    await Promise.all(tokens.map((token) => get(api, token).expect(200)))
    scene.issuer.intercept = intercept
    expect(looks).toHaveLength(1)
  })
})

describe('a JWT that is asked about as well', () => {
  const thumbprints = [
    '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
    'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2',
  ]

  it.each<[string, object]>([
    ['another key', { jkt: thumbprints[1] }],
    ['a certificate', { 'x5t#S256': thumbprints[1] }],
    ['a certificate besides', { jkt: thumbprints[0], 'x5t#S256': thumbprints[1] }],
    ['nothing that is known', {}],
  ])('is refused where the answer binds it to %s', async (_what, cnf) => {
    const api = await scene.startApi({ for: 'all' })
    const token = await scene.issuer.token({ cnf: { jkt: thumbprints[0] } })
    scene.issuer.answers.set(token, { active: true, cnf })
    await get(api, token).expect(401)
    const refusal = scene.events.findLast(({ name }) => name === 'request.refused')
    expect(refusal).toMatchObject({
      reason: 'bound_token',
      detail: expect.stringMatching(/token and the answer|names no key/),
    })
  })

  it('is judged by the entry of its issuer that verified it, and by its rule', async () => {
    const { issuer } = scene
    const secret = 'a secret of at least 32 bytes, no. 1'
    const asked: string[] = []
    const rule = (name: string) => (): void => void asked.push(name)
    const entries: IssuerOptions[] = [
      {
        issuer: issuer.url,
        audience: issuer.audience,
        algorithms: ['ES256'],
        validate: rule('key'),
      },
      {
        issuer: issuer.url,
        audience: issuer.audience,
        secret: Buffer.from(secret),
        algorithms: ['HS256'],
        validate() {
          asked.push('secret')
          throw new Error('no more of these')
        },
      },
    ]
    const events: AuthEvent[] = []
    const guard = requireBearer({
      issuers: entries,
      clock: () => scene.now,
      onEvent: (event) => events.push(event),
      introspection: {
        issuer: issuer.url,
        for: 'all',
        clientId: CLIENT.id,
        clientAuth: clientSecretBasic(CLIENT.secret),
      },
    })
    const app = express()
    app.get('/', guard, (_req, res) => void res.end())
    const server = await serve(app)
    const byKey = await issuer.token()
    const bySecret = await hs256(secret, { ...(await claimsOf(byKey)), jti: 'by-secret' })
    for (const token of [byKey, bySecret]) issuer.answers.set(token, { active: true })
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await raw(server.url, { authorization: `Bearer ${byKey}` })).toBe(200)
      expect(await raw(server.url, { authorization: `Bearer ${bySecret}` })).toBe(401)
    }
    expect(asked).toEqual(['key', 'secret', 'key', 'secret'])
    guard.close()
    await server.close()
  })
})

async function claimsOf(token: string): Promise<Record<string, unknown>> {
  const { decodeJwt } = await import('jose')
  return decodeJwt(token)
}

async function hs256(secret: string, claims: Record<string, unknown>): Promise<string> {
  const { SignJWT } = await import('jose')
  const header = { alg: 'HS256', typ: 'at+jwt' }
  return new SignJWT(claims).setProtectedHeader(header).sign(Buffer.from(secret))
}
