import { KeyObject, constants, sign } from 'node:crypto'
import type { SigningKey } from '../../tools/issuer.js'

/** What to put in a segment: bytes or text as they are, anything else as JSON. */
export type Segment = string | Uint8Array | Readonly<Record<string, unknown>> | readonly unknown[]

/** Base64url of a segment. */
export function encode(segment: Segment): string {
  const bytes =
    typeof segment === 'string' || segment instanceof Uint8Array ? segment : JSON.stringify(segment)
  return Buffer.from(bytes as string).toString('base64url')
}

/**
 * A compact JWS over any header and any payload, well-formed or not, with a signature that verifies:
 * what a broken or hostile issuer could send. Shares no code with the library that checks it.
 */
export function forge(
  header: Segment,
  payload: Segment,
  key: SigningKey,
  alg: string = key.alg,
): string {
  return signInput(`${encode(header)}.${encode(payload)}`, key, alg)
}

/** Signs `header.payload` as it stands. */
export function signInput(input: string, key: SigningKey, alg: string = key.alg): string {
  const signature = signBytes(Buffer.from(input), KeyObject.from(key.privateKey), alg)
  return `${input}.${signature.toString('base64url')}`
}

export function signBytes(data: Buffer, key: KeyObject, alg: string): Buffer {
  if (alg === 'EdDSA' || alg === 'Ed25519') return sign(null, data, key)
  const hash = `sha${alg.slice(2)}`
  if (alg.startsWith('ES')) return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' })
  if (alg.startsWith('RS')) return sign(hash, data, key)
  const saltLength = Number(alg.slice(2)) / 8
  return sign(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
}

/** The decoded parts of a token, to change and put together again. */
export function takeApart(token: string): {
  readonly header: Record<string, unknown>
  readonly payload: Record<string, unknown>
  readonly signature: Buffer
} {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return {
    header: json(header),
    payload: json(payload),
    signature: Buffer.from(signature, 'base64url'),
  }
}

function json(segment: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(segment, 'base64url').toString()) as Record<string, unknown>
}
