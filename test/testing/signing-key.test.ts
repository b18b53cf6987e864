import { createHmac, createPublicKey } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { importJWK, jwtVerify, type JWK } from 'jose'
import { createSigningKey, unsigned } from '../../lib/testing/signing-key.js'
import { runScript } from '../support/script.js'

const decode = (part = ''): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())

describe('a signing key', () => {
  it.each([
    ['ES256', 'EC'],
    ['RS256', 'RSA'],
    ['EdDSA', 'OKP'],
  ] as const)(
    'signs with %s as jose reads it, and tells the public half alone',
    async (alg, kty) => {
      const signer = createSigningKey(alg, 'key-7')
      const { jwk } = signer
      expect(jwk).toMatchObject({ kty, alg, kid: 'key-7', use: 'sig' })
      expect(jwk).not.toHaveProperty('d')
      const key = await importJWK(jwk as JWK, alg)
      const { payload, protectedHeader } = await jwtVerify(
        signer.sign({ typ: 'x' }, { sub: 'a' }),
        key,
      )
      expect([protectedHeader, payload]).toEqual([{ alg, kid: 'key-7', typ: 'x' }, { sub: 'a' }])
    },
  )

  it('is made while garbage is collected too, where Node 20 can stand still for ever', async () => {
    // Little room for new objects, so that garbage is collected often. Half of the runs would stand still.
    const environment = { NODE_OPTIONS: '--max-semi-space-size=1' }
    const { output } = await runScript('test/support/many-keys-process.ts', '', environment, 50)
    expect(output).toBe('made\n')
  }, 60_000)

  it('lets a test set the header, and leave a member out', () => {
    const signer = createSigningKey('EdDSA', 'key-1')
    const [header, claims] = signer
      .sign({ kid: undefined, alg: 'none' }, { sub: undefined })
      .split('.')
    expect([decode(header), decode(claims)]).toEqual([{ alg: 'none' }, {}])
  })

  it('confuses algorithms: HS256 with the PEM of its public half for a secret', () => {
    const signer = createSigningKey('ES256', 'key-1')
    const [header, claims, signature] = signer.confuse({ typ: 'JWT' }, { sub: 'a' }).split('.')
    expect(decode(header)).toEqual({ alg: 'HS256', kid: 'key-1', typ: 'JWT' })
    const pem = createPublicKey({ key: signer.jwk, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    })
    const expected = createHmac('sha256', pem).update(`${header}.${claims}`).digest('base64url')
    expect(signature).toBe(expected)
  })

  it('makes a token that nobody has signed', () => {
    const [header, claims, signature] = unsigned({ typ: 'JWT' }, { sub: 'a' }).split('.')
    expect([decode(header), decode(claims), signature]).toEqual([
      { alg: 'none', typ: 'JWT' },
      { sub: 'a' },
      '',
    ])
  })
})
