import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import type { IssuerOptions } from '../../../lib/index.js'

let loads = 0

function pair(): { readonly publicKey: JsonWebKey; readonly privateKey: JsonWebKey } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    publicKey: publicKey.export({ format: 'jwk' }),
    privateKey: privateKey.export({ format: 'jwk' }),
  }
}

const options: IssuerOptions = {
  issuer: 'https://id.test',
  audience: 'api',
  jwks: { keys: [{ ...pair().publicKey, kid: 'a' }] },
}
const decryptionKeys = [pair().privateKey]

beforeEach(() => {
  loads = 0
  jest.resetModules()
  jest.unstable_mockModule('jose/jwe/compact/decrypt', () => {
    loads += 1
    throw new Error('jose is broken')
  })
})

afterEach(() => {
  jest.restoreAllMocks()
})

it('loads nothing that decrypts, where no decryption keys are configured', async () => {
  const { backChannelLogout, memoryRevocationStore, requireBearer } =
    await import('../../../lib/index.js')
  const { audience: _, ...issuer } = options
  const store = memoryRevocationStore()
  await requireBearer(options).ready()
  await backChannelLogout(store, { ...issuer, clientId: 'app' }).ready()
  expect(loads).toBe(0)
})

it('says in ready() that it could not be loaded, before any request needs it', async () => {
  const { backChannelLogout, memoryRevocationStore, requireBearer } =
    await import('../../../lib/index.js')
  const { audience: _, ...issuer } = options
  const store = memoryRevocationStore()
  const guard = requireBearer({ ...options, decryptionKeys })
  await expect(guard.ready()).rejects.toThrow(/jose is broken/)
  const endpoint = backChannelLogout(store, { ...issuer, clientId: 'app', decryptionKeys })
  await expect(endpoint.ready()).rejects.toThrow(/jose is broken/)
  expect(loads).toBeGreaterThan(0)
})

it('is an outage for a request that came all the same, never a bad token', async () => {
  const { decryptToken, importDecryptionKey } = await import('../../../lib/tokens/jwt/encrypted.js')
  const header = Buffer.from('{"alg":"RSA-OAEP-256","enc":"A128GCM"}').toString('base64url')
  const decrypting = decryptToken(`${header}.a.a.a.a`, [importDecryptionKey(decryptionKeys[0])])
  await expect(decrypting).resolves.toMatchObject({ status: 503, reason: 'keys_unavailable' })
})
