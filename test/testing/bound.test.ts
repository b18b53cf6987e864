import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  clientCertHeader,
  memoryReplayStore,
  requireBearer,
  requireScope,
  type AuthErrorReason,
  type AuthEvent,
  type ProofOptions,
} from '../../lib/index.js'
import { createTestIssuer, testClock, type TestIssuer } from '../../lib/testing.js'
import { ANN, BOB } from '../../tools/client-certificates.js'

const ORIGIN = 'https://api.test'
const URL = `${ORIGIN}/notes`

interface Api {
  readonly app: express.Express
  readonly reason: () => AuthErrorReason | undefined
}

function api(issuer: TestIssuer, proofs: ProofOptions, introspected = false): Api {
  const events: AuthEvent[] = []
  const asking = introspected ? { introspection: issuer.introspection } : {}
  const onEvent = (event: AuthEvent): void => void events.push(event)
  const app = express()
  app.use(requireBearer({ ...issuer.options, ...proofs, ...asking, onEvent }))
  app.all('/notes', requireScope('read'), (_req, res) => void res.end())
  return { app, reason: () => events.findLast((event) => event.name === 'request.refused')?.reason }
}

const dpop = (): ProofOptions => ({ origin: ORIGIN, dpop: { replay: memoryReplayStore() } })

describe('dpopClient()', () => {
  it('gives bound tokens and proofs that the real path takes, and nobody else of them', async () => {
    const issuer = createTestIssuer()
    const { app, reason } = api(issuer, dpop())
    const [client, other] = [issuer.dpopClient(), issuer.dpopClient()]
    const read = { scope: 'read' }
    const post = request(app).post('/notes')
    await client.authed(post, { url: URL, method: 'POST' }, read).expect(200)
    await client.authed(request(app).get('/notes'), { url: URL }).expect(403)
    const token = client.token(read)
    const sent = async (proof: string): Promise<number> => {
      const headers = { Authorization: `DPoP ${token}`, DPoP: proof }
      return (await request(app).get('/notes').set(headers)).status
    }
    const proof = client.proof(token, { url: URL })
    expect([await sent(proof), await sent(proof), reason()]).toEqual([200, 401, 'replayed_proof'])
    expect([await sent(other.proof(token, { url: URL })), reason()]).toEqual([401, 'wrong_key'])
    const unnamed = client.proof(token, { url: URL, claims: { jti: undefined } })
    expect([await sent(unnamed), reason()]).toEqual([401, 'malformed_proof'])
    const typed = client.proof(token, { url: URL, header: { typ: 'JWT' } })
    expect([await sent(typed), reason()]).toEqual([401, 'malformed_proof'])
    await request(app).get('/notes').auth(token, { type: 'bearer' }).expect(401)
    expect(reason()).toBe('bound_token')
  })

  it('answers a nonce, and goes by the clock of its issuer', async () => {
    const clock = testClock(1_800_000_000)
    const issuer = createTestIssuer({ clock })
    const secrets = ['a secret of at least 32 bytes, no. 1']
    const nonces = { replay: memoryReplayStore(), nonce: { secrets } }
    const { app } = api(issuer, { origin: ORIGIN, dpop: nonces })
    const client = issuer.dpopClient()
    const first = await client.authed(request(app).get('/notes'), { url: URL }).expect(401)
    const nonce = first.headers['dpop-nonce'] as string
    const again = request(app).get('/notes')
    const answer = await client.authed(again, { url: URL, nonce }, { scope: 'read' })
    expect(answer.status).toBe(200)
  })

  it('gives opaque tokens too, about which the issuer says by whose key', async () => {
    const issuer = createTestIssuer()
    await issuer.listen()
    const { app, reason } = api(issuer, dpop(), true)
    const client = issuer.dpopClient()
    const token = client.opaqueToken({ scope: 'read' })
    const DPoP = client.proof(token, { url: URL })
    await request(app)
      .get('/notes')
      .set({ Authorization: `DPoP ${token}`, DPoP })
      .expect(200)
    await request(app).get('/notes').auth(token, { type: 'bearer' }).expect(401)
    expect(reason()).toBe('bound_token')
  })
})

describe('mtlsToken()', () => {
  it.each([
    ['PEM', ANN.cert.split('-----END CERTIFICATE-----')[0] + '-----END CERTIFICATE-----'],
    ['DER', new X509Certificate(ANN.cert).raw],
  ])('is bound to a certificate in %s', async (_form, certificate) => {
    const issuer = createTestIssuer()
    const trusted = clientCertHeader({ trustedProxies: ['127.0.0.1', '::1'] })
    const { app } = api(issuer, { mtls: { certificate: trusted } })
    const token = issuer.mtlsToken(certificate, { scope: 'read' })
    const statusWith = async ({ cert }: { readonly cert: string }): Promise<number> => {
      const der = new X509Certificate(cert).raw.toString('base64')
      const asked = request(app).get('/notes').set('Client-Cert', `:${der}:`)
      return (await asked.auth(token, { type: 'bearer' })).status
    }
    expect(await statusWith(ANN)).toBe(200)
    expect(await statusWith(BOB)).toBe(401)
    await request(app).get('/notes').auth(token, { type: 'bearer' }).expect(401)
  })
})
