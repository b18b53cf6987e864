import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'

const KEY_TYPES = {
  RS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  ES384: ['ec', { namedCurve: 'P-384' }],
  EdDSA: ['ed25519', {}],
}
const HASHES = { RS256: 'sha256', ES256: 'sha256', ES384: 'sha384', EdDSA: null }

export const AUDIENCE = 'https://api.example.com'

/** A key for each algorithm, with the JWKS that publishes them. */
export function createSigningKeys() {
  const keys = new Map()
  for (const [alg, [type, options]] of Object.entries(KEY_TYPES)) {
    keys.set(alg, { alg, kid: `${alg}-2026`, ...generateKeyPairSync(type, options) })
  }
  const jwks = [...keys.values()].map(({ alg, kid, publicKey }) => ({
    ...publicKey.export({ format: 'jwk' }),
    alg,
    kid,
    use: 'sig',
  }))
  return { keys, jwks: { keys: jwks } }
}

/** Access tokens of about 1 kB, as issuers send them, each with an id of its own. */
export function createTokens({ key, issuer, count, lifetimeSeconds = 3600 }) {
  const header = encode({ alg: key.alg, typ: 'at+jwt', kid: key.kid })
  const now = Math.floor(Date.now() / 1000)
  return Array.from({ length: count }, (_, index) => {
    const payload = encode({
      iss: issuer,
      aud: [AUDIENCE, 'https://id.example.com/userinfo'],
      sub: `auth0|${String(index % 1000).padStart(24, '0')}`,
      client_id: 'kzVW8lTqRPBWUnhMDWTcnLUDqRDOXTVK',
      iat: now,
      exp: now + lifetimeSeconds,
      jti: randomUUID(),
      sid: randomUUID(),
      scope: 'openid profile email notes:read notes:write offline_access',
      roles: ['reader', 'editor'],
      permissions: ['notes:read', 'notes:write', 'notes:share'],
      tenant: 'org_8f3kd92lfks0',
    })
    const input = `${header}.${payload}`
    return `${input}.${signatureOf(input, key)}`
  })
}

export function signatureOf(input, { alg, privateKey }) {
  const options = { key: privateKey, dsaEncoding: 'ieee-p1363' }
  return sign(HASHES[alg], Buffer.from(input), options).toString('base64url')
}

/** The bytes of a request with this token, or with none. */
export function requestFor(token) {
  const lines = [
    'GET /notes HTTP/1.1',
    'Host: api.example.com',
    'User-Agent: bench',
    'Accept: application/json',
    'Accept-Encoding: gzip, deflate',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Plausible in everything but the signature, which is random and costs a whole check to refuse. */
export function createForgedTokens({ key, issuer, count }) {
  const [genuine] = createTokens({ key, issuer, count: 1 })
  const bytes = Buffer.from(genuine.slice(genuine.lastIndexOf('.') + 1), 'base64url').length
  const header = encode({ alg: key.alg, typ: 'at+jwt', kid: key.kid })
  const payload = genuine.split('.')[1]
  return Array.from({ length: count }, () => {
    const signature = randomBytes(bytes)
    // A number above the modulus of an RSA key would be refused before any arithmetic.
    signature[0] = 0
    return `${header}.${payload}.${signature.toString('base64url')}`
  })
}
