import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { adviceForJwks } from '../../../../lib/tokens/issuers/policy/odd-jwks.js'

const { publicKey } = generateKeyPairSync('ed25519')
const jwk = publicKey.export({ format: 'jwk' })

describe('adviceForJwks', () => {
  it.each<[string, unknown, string]>([
    ['a PEM', publicKey.export({ type: 'spki', format: 'pem' }), 'for PEM'],
    ['a PEM behind spaces', ' \n-----BEGIN PUBLIC KEY-----', 'for PEM'],
    ['JSON text', JSON.stringify({ keys: [jwk] }), 'JSON.parse(text)'],
    ['text that mentions a PEM', 'x-----BEGIN', 'JSON.parse(text)'],
    ['a list of keys', [jwk], '{ keys: list }'],
    ['one key', jwk, 'one JWK is no set'],
    ['a KeyObject', publicKey, 'for a KeyObject'],
  ])('tells how to make a set of %s', (_name, value, advice) => {
    expect(adviceForJwks(value)).toContain(advice)
  })

  it.each<[string, unknown]>([
    ['a set', { keys: [jwk] }],
    ['a set that carries more', { keys: [], kty: 'x', export: () => undefined }],
    ['an object of another kind', { export: 'x' }],
    ['nothing', undefined],
    ['a number', 7],
  ])('knows no better than the check itself about %s', (_name, value) => {
    expect(adviceForJwks(value)).toBeUndefined()
  })
})
