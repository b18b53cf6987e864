import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type ED25519KeyPairOptions,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'

export type TestAlgorithm = 'ES256' | 'RS256' | 'EdDSA'

export type JsonObject = Readonly<Record<string, unknown>>

/** One key pair of an issuer. */
export interface SigningKey {
  /** The public half, as a JWKS holds it. */
  readonly jwk: JsonWebKey
  /** A token in compact form. Members that are undefined are left out. */
  sign(header: JsonObject, claims: JsonObject): string
  /** The same, signed by HS256 with the public half for a secret: the confusion of algorithms. */
  confuse(header: JsonObject, claims: JsonObject): string
}

export function createSigningKey(alg: TestAlgorithm, kid: string): SigningKey {
  const pem = generate(alg)
  const privateKey = createPrivateKey(pem.privateKey)
  return {
    jwk: { ...createPublicKey(pem.publicKey).export({ format: 'jwk' }), kid, alg, use: 'sig' },
    sign(header, claims) {
      const signed = encodeParts({ alg, kid, ...header }, claims)
      return `${signed}.${signatureOf(alg, signed, privateKey).toString('base64url')}`
    },
    confuse(header, claims) {
      const signed = encodeParts({ alg: 'HS256', kid, ...header }, claims)
      return `${signed}.${createHmac('sha256', pem.publicKey).update(signed).digest('base64url')}`
    },
  }
}

/** A token that nobody has signed: `alg` is `none`. */
export function unsigned(header: JsonObject, claims: JsonObject): string {
  return `${encodeParts({ alg: 'none', ...header }, claims)}.`
}

/**
 * As text: in Node 20 a process stands still for ever where garbage is collected while the key object
 * that was generated is exported, because the job that made it locks the same key once more.
 */
const PEM: ED25519KeyPairOptions<'pem', 'pem'> = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}

function generate(alg: TestAlgorithm): { publicKey: string; privateKey: string } {
  if (alg === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048, ...PEM })
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519', PEM)
  return generateKeyPairSync('ec', { namedCurve: 'P-256', ...PEM })
}

function signatureOf(alg: TestAlgorithm, signed: string, key: KeyObject): Buffer {
  const data = Buffer.from(signed)
  if (alg === 'EdDSA') return sign(null, data, key)
  return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
}

function encodeParts(header: JsonObject, claims: JsonObject): string {
  return [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
}
