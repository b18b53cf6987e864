import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { NOBODY } from '../../../../lib/core/queue/sender.js'
import type { ProofKey } from '../../../../lib/tokens/proof/dpop/proof-key.js'
import { isSignedProof, loadProofs } from '../../../../lib/tokens/proof/dpop/proof-signature.js'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const signed = `${encode({ alg: 'ES256' })}.${encode({ jti: 'a' })}`
const mac = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
const proof = `${signed}.${mac.toString('base64url')}`
const key = { algorithm: 'ES256', keyObject: publicKey } as ProofKey

it.each<[string, string, ProofKey, boolean]>([
  ['verifies', proof, key, true],
  [
    'does not by other claims',
    proof.replace(encode({ jti: 'a' }), encode({ jti: 'b' })),
    key,
    false,
  ],
  ['does not by another algorithm', proof, { ...key, algorithm: 'ES384' }, false],
  ['does not where it is cut off', proof.slice(0, -4), key, false],
])('a proof %s', async (_name, text, by, verifies) => {
  loadProofs()
  expect(await isSignedProof(text, by, NOBODY)).toBe(verifies)
})
