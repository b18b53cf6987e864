import { createSecretKey, randomBytes, type JsonWebKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { CompactEncrypt, exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { AuthErrorReason } from '../../lib/index.js'
import { frozenClock, startApi } from '../../tools/api.js'
import { encode, forge, takeApart } from '../support/forge.js'
import {
  createSigningKey,
  startIssuer,
  type ClaimChanges,
  type TestIssuer,
} from '../../tools/issuer.js'
import {
  CLIENT,
  LOGOUT_EVENT,
  logoutToken,
  startLogoutReceiver,
  withReceiver,
  type LogoutReceiver,
} from '../support/logout.js'

const clock = frozenClock()
let issuer: TestIssuer
let receiver: LogoutReceiver

beforeAll(async () => {
  issuer = await startIssuer({ clock })
  receiver = await startLogoutReceiver(issuer, { clock })
})

afterAll(async () => {
  await receiver.close()
  await issuer.close()
})

async function expectRefused(
  token: string,
  reason: AuthErrorReason,
  at: LogoutReceiver = receiver,
): Promise<void> {
  const response = await at.send(token)
  expect({ status: response.status, reason: at.reason() }).toEqual({ status: 400, reason })
  expect(response.body).toMatchObject({ error: 'invalid_request' })
  expect(response.text).not.toContain(token)
}

describe('logout token: claims', () => {
  it.each<[string, ClaimChanges]>([
    ['as issued', {}],
    ['without sub (BCL-12)', { sub: undefined }],
    ['without sid (BCL-12)', { sid: undefined }],
    ['with aud as a list (BCL-08)', { aud: [CLIENT] }],
    ['with members in the event (BCL-13)', { events: { [LOGOUT_EVENT]: { x: 1 } } }],
    ['with another event besides (BCL-13)', { events: { [LOGOUT_EVENT]: {}, 'urn:other': {} } }],
    ['with claims nobody knows (BCL-18)', { trace_id: 'a1', typ: 'Logout' }],
    ['two minutes old (BCL-09)', { iat: clock() - 120 }],
    ['with nbf', { nbf: clock() }],
  ])('is taken %s', async (_name, changes) => {
    expect((await receiver.send(await logoutToken(issuer, changes))).status).toBe(200)
  })

  it.each<[string, ClaimChanges, AuthErrorReason]>([
    ['of another issuer (BCL-07)', { iss: 'https://id.evil.test' }, 'unknown_issuer'],
    ['with iss and a slash more (BCL-07)', { iss: 'SLASH' }, 'unknown_issuer'],
    ['without iss (BCL-07)', { iss: undefined }, 'unknown_issuer'],
    ['for another client (BCL-08)', { aud: 'other-app' }, 'wrong_audience'],
    ['for the API (BCL-08)', { aud: 'https://api.test' }, 'wrong_audience'],
    ['for us and a stranger (BCL-08)', { aud: [CLIENT, 'other-app'] }, 'wrong_audience'],
    ['without aud (BCL-08)', { aud: undefined }, 'wrong_audience'],
    ['with an empty aud (BCL-08)', { aud: [] }, 'wrong_audience'],
    ['with aud of another type (BCL-08)', { aud: { [CLIENT]: true } }, 'malformed_claim'],
    ['without iat (BCL-09)', { iat: undefined }, 'missing_claim'],
    ['with iat in words (BCL-09)', { iat: String(clock()) }, 'malformed_claim'],
    ['an hour old (BCL-09)', { iat: clock() - 3600 }, 'too_old'],
    ['ten minutes ahead (BCL-09)', { iat: clock() + 600, exp: clock() + 900 }, 'issued_in_future'],
    ['without exp (BCL-10)', { exp: undefined }, 'missing_claim'],
    ['expired (BCL-10)', { exp: clock() }, 'expired'],
    ['not valid yet', { nbf: clock() + 60 }, 'not_yet_valid'],
    ['without jti (BCL-11)', { jti: undefined }, 'missing_claim'],
    ['with an empty jti (BCL-11)', { jti: '' }, 'missing_claim'],
    ['without sub and sid (BCL-12)', { sub: undefined, sid: undefined }, 'missing_claim'],
    ['with an empty sid (BCL-12)', { sid: '' }, 'missing_claim'],
    ['with sid as a number (BCL-12)', { sid: 7 }, 'malformed_claim'],
    ['with sub as null and no sid (BCL-12)', { sub: null, sid: null }, 'missing_claim'],
    ['without events (BCL-13)', { events: undefined }, 'not_a_logout_token'],
    ['with events as a list (BCL-13)', { events: [LOGOUT_EVENT] }, 'not_a_logout_token'],
    ['with another event (BCL-13)', { events: { 'urn:other': {} } }, 'not_a_logout_token'],
    [
      'with https in the name of the event (BCL-13)',
      { events: { [LOGOUT_EVENT.replace('http:', 'https:')]: {} } },
      'not_a_logout_token',
    ],
    ['with the event null (BCL-13)', { events: { [LOGOUT_EVENT]: null } }, 'not_a_logout_token'],
    ['with the event true (BCL-13)', { events: { [LOGOUT_EVENT]: true } }, 'not_a_logout_token'],
    ['with the event a list (BCL-13)', { events: { [LOGOUT_EVENT]: [] } }, 'not_a_logout_token'],
    ['with a nonce (BCL-14)', { nonce: 'n-1' }, 'not_a_logout_token'],
    ['with an empty nonce (BCL-14)', { nonce: '' }, 'not_a_logout_token'],
    ['with nonce null (BCL-14)', { nonce: null }, 'not_a_logout_token'],
  ])('is refused %s', async (_name, changes, reason) => {
    const claims = changes['iss'] === 'SLASH' ? { iss: `${issuer.url}/` } : changes
    await expectRefused(await logoutToken(issuer, claims), reason)
  })

  it('is refused with a claim twice, though it is signed (7519-01)', async () => {
    const { header, payload } = takeApart(await logoutToken(issuer))
    const twice = JSON.stringify(payload).replace('{', '{"sub":"admin",')
    await expectRefused(forge(header, twice, issuer.key), 'malformed_token')
  })

  it('may lack exp where allowMissingExp says so; then its iat is the limit (BCL-10)', async () => {
    await withReceiver(
      issuer,
      { clock, allowMissingExp: true, maxAgeSeconds: 60 },
      async (other) => {
        const at = (iat: number): Promise<string> => logoutToken(issuer, { exp: undefined, iat })
        expect((await other.send(await at(clock() - 59))).status).toBe(200)
        await expectRefused(await at(clock() - 61), 'expired', other)
        const expired = await logoutToken(issuer, { exp: clock() - 1 })
        await expectRefused(expired, 'expired', other)
      },
    )
  })

  it('may name several clients of ours, if they all are (BCL-08)', async () => {
    await withReceiver(issuer, { clock, clientId: [CLIENT, 'mobile-app'] }, async (other) => {
      const both = await logoutToken(issuer, { aud: [CLIENT, 'mobile-app'] })
      expect((await other.send(both)).status).toBe(200)
      const stranger = await logoutToken(issuer, { aud: [CLIENT, 'mobile-app', 'x'] })
      await expectRefused(stranger, 'wrong_audience', other)
    })
  })

  it('has a tolerance for clocks, by clockToleranceSeconds', async () => {
    await withReceiver(issuer, { clock, clockToleranceSeconds: 30 }, async (other) => {
      const ahead = await logoutToken(issuer, { iat: clock() + 30 })
      expect((await other.send(ahead)).status).toBe(200)
    })
  })
})

describe('logout token: header and signature', () => {
  it.each([undefined, 'JWT', 'logout+jwt', 'application/logout+jwt', 'Logout+JWT'])(
    'may have the typ %s (BCL-17)',
    async (typ) => {
      expect((await receiver.send(await logoutToken(issuer, {}, { typ }))).status).toBe(200)
    },
  )

  it.each(['at+jwt', 'dpop+jwt', 'secevent+jwt', '', 7])(
    'must not have the typ %s (BCL-17)',
    async (typ) => {
      const { payload } = takeApart(await logoutToken(issuer))
      const token = forge({ alg: 'RS256', kid: issuer.key.kid, typ }, payload, issuer.key)
      await expectRefused(token, 'wrong_type')
    },
  )

  it('must be signed by a key of the issuer (BCL-05)', async () => {
    const thief = { ...(await createSigningKey('key-1')), kid: issuer.key.kid }
    await expectRefused(await logoutToken(issuer, {}, {}, thief), 'bad_signature')
    const unknown = await createSigningKey('key-9')
    await expectRefused(await logoutToken(issuer, {}, {}, unknown), 'unknown_key')
  })

  it('must not have alg none (BCL-06)', async () => {
    const [, payload] = (await logoutToken(issuer)).split('.')
    await expectRefused(`${encode({ alg: 'none' })}.${payload}.`, 'malformed_token')
    await expectRefused(`${encode({ alg: 'none' })}.${payload}.AAAA`, 'algorithm_not_allowed')
  })

  it('must be signed as ID tokens are: RS256, or what algorithms says (BCL-06)', async () => {
    const { payload } = takeApart(await logoutToken(issuer))
    const token = forge({ alg: 'PS256', kid: issuer.key.kid }, payload, issuer.key, 'PS256')
    await expectRefused(token, 'algorithm_not_allowed')

    const other = await startIssuer({ clock, alg: 'ES256' })
    const options = { issuer: other.url, algorithms: ['ES256'] }
    await withReceiver(issuer, { clock, ...options }, async (configured) => {
      expect((await configured.send(await logoutToken(other))).status).toBe(200)
    })
    await other.close()
  })

  it('may be signed with a shared secret only where one is configured (BCL-06)', async () => {
    const secret = createSecretKey(randomBytes(32))
    const { payload } = takeApart(await logoutToken(issuer))
    const token = await new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(secret)
    await expectRefused(token, 'algorithm_not_allowed')
    await withReceiver(issuer, { clock, secret }, async (other) => {
      expect((await other.send(token)).status).toBe(200)
      await expectRefused(await logoutToken(issuer), 'algorithm_not_allowed', other)
    })
  })
})

describe('logout token: encryption', () => {
  let decryptionKey: JsonWebKey
  let encrypted: string

  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('RSA-OAEP-256', { extractable: true })
    decryptionKey = { ...((await exportJWK(privateKey)) as JsonWebKey), kid: 'enc-1' }
    encrypted = await new CompactEncrypt(Buffer.from(await logoutToken(issuer)))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A128GCM', kid: 'enc-1', cty: 'JWT' })
      .encrypt(publicKey)
  })

  it('is taken off with decryptionKeys, and refused without (BCL-04)', async () => {
    await expectRefused(encrypted, 'encrypted_token')
    await withReceiver(issuer, { clock, decryptionKeys: [decryptionKey] }, async (other) => {
      expect((await other.send(encrypted)).status).toBe(200)
      expect((await other.send(await logoutToken(issuer))).status).toBe(200)
    })
  })

  it('can be required (BCL-04)', async () => {
    const options = { decryptionKeys: [decryptionKey], requireEncryption: true }
    await withReceiver(issuer, { clock, ...options }, async (other) => {
      expect((await other.send(encrypted)).status).toBe(200)
      await expectRefused(await logoutToken(issuer), 'wrong_type', other)
    })
  })
})

describe('logout token and access token', () => {
  it('are never taken for each other, whatever their audience and typ say (BCL-30)', async () => {
    const api = await startApi(issuer, { clock })
    const audience = [CLIENT]
    try {
      const logout = await logoutToken(issuer, { aud: issuer.audience }, { typ: 'JWT' })
      expect((await api.get(logout)).status).toBe(401)
      expect(api.reason()).toBe('not_an_access_token')
      const access = await issuer.token({ aud: audience, sid: 's' }, { typ: 'JWT' })
      await expectRefused(access, 'not_a_logout_token')
      const id = await issuer.token({ aud: audience, sid: 's', nonce: 'n' }, { typ: 'JWT' })
      await expectRefused(id, 'not_a_logout_token')
    } finally {
      await api.close()
    }
  })
})
