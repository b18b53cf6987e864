import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { printable } from '../../core/events/events.js'
import { exceedsDepth } from '../../core/json-depth.js'
import { NOBODY, type Sender } from '../../core/queue/sender.js'
import { isRecord, messageOf } from '../../core/values.js'
import { decodeText } from './base64url.js'
import { ownClaim, stringsClaim, type Claims } from './claims.js'
import { mediaType } from './header.js'
import { withCryptoSlot } from './crypto-concurrency.js'
import { MAX_DEPTH } from './strict-json.js'

type Jose = typeof import('jose/jwe/compact/decrypt')

let loading: Promise<Jose> | undefined

/**
 * Loads what decrypts. It is half of what this package would load otherwise, and few apps have encrypted
 * tokens: it begins where decryption keys are configured, and `ready()` tells where it fails.
 */
export function loadDecryption(): Promise<unknown> {
  return load()
}

/** Not exported: jose's types must stay out of our declarations, which CommonJS cannot import them in. */
function load(): Promise<Jose> {
  loading ??= import('jose/jwe/compact/decrypt')
  return loading
}

/** A private key of ours that issuers encrypt tokens to. */
export interface DecryptionKey {
  readonly keyId: string | undefined
  readonly keyObject: KeyObject
}

/** What was in an encrypted token, and what its outer header claims about it. */
export interface Decrypted {
  readonly token: string
  readonly header: Readonly<Record<string, unknown>>
  readonly key: DecryptionKey
}

/**
 * No RSA1_5 (padding oracles), no PBES2 (the sender chooses how long we work), no `dir` (a shared
 * secret has no place among public keys), RFC 8725 §3.2.
 */
const KEY_MANAGEMENT = ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW']
const CONTENT_ENCRYPTION = ['A128GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512']

const ALGORITHMS: readonly (readonly [string, readonly string[]])[] = [
  ['alg', KEY_MANAGEMENT],
  ['enc', CONTENT_ENCRYPTION],
]

/** A nested token has `JWT` (RFC 7519 §5.2); some issuers repeat the type of the token inside, which is judged there. */
const CONTENT_TYPES: readonly (string | undefined)[] = [undefined, 'jwt', 'at+jwt', 'logout+jwt']

/** Without a `kid` each fitting key is tried, up to so many. */
const MAX_KEYS_TRIED = 4

/** Claims that an outer header may repeat, for routing (RFC 7519 §5.3). */
const REPLICATED = ['iss', 'sub', 'aud']

/** Four dots make five parts (RFC 7516 §3.1). Counted without taking the token apart: most are not. */
export function isEncrypted(token: string): boolean {
  let dots = 0
  for (let at = token.indexOf('.'); at !== -1 && dots < 5; at = token.indexOf('.', at + 1)) {
    dots += 1
  }
  return dots === 4
}

/**
 * Decrypts a nested token (RFC 7519 §7.2): a JWS inside a JWE. The decrypted token must still be
 * verified: anybody can encrypt to a public key.
 *
 * Every failure to decrypt looks the same: which step failed would be an oracle (RFC 7516 §11.5).
 *
 * @param sender Who waits for it. @default nobody in particular
 * @returns the refusal: `invalid_token`; `temporarily_unavailable` where there was no time to try
 */
export async function decryptToken(
  token: string,
  keys: readonly DecryptionKey[],
  sender: Sender = NOBODY,
): Promise<Decrypted | AuthError> {
  if (keys.length === 0) {
    const detail = 'The token is encrypted (JWE), and no "decryptionKeys" are configured'
    return invalidToken('encrypted_token', detail)
  }
  const header = outerHeader(token)
  if (header instanceof AuthError) return header
  const keyId = ownClaim(header, 'kid')
  const fitting = keys.filter((key) => key.keyId === keyId || keyId === undefined)
  for (const key of fitting.slice(0, MAX_KEYS_TRIED)) {
    const plaintext = await tryDecrypt(token, key.keyObject, sender)
    if (plaintext instanceof AuthError) return plaintext
    if (plaintext !== false) return { token: plaintext, header, key }
  }
  return undecryptable()
}

/** By the key itself: one private key given to several issuers is one, whatever each calls it. */
export function isSameKey(a: DecryptionKey, b: DecryptionKey): boolean {
  return a.keyObject.equals(b.keyObject)
}

/** Each once: copies of one key would use up the tries of a token without a `kid`. */
export function distinctKeys(keys: readonly DecryptionKey[]): readonly DecryptionKey[] {
  return keys.filter(
    (key, index) =>
      index === keys.findIndex((other) => other.keyId === key.keyId && isSameKey(other, key)),
  )
}

/** Refuses an outer header that says otherwise than the claims inside (RFC 7519 §5.3). */
export function judgeReplicatedClaims(
  header: Decrypted['header'],
  claims: Claims,
): AuthError | undefined {
  for (const name of REPLICATED) {
    // As strings, because nothing here is verified yet: values nested a thousand deep would overflow
    // the stack of whoever compares them.
    const outer = stringsClaim(header, name)
    if (outer instanceof AuthError) return outer
    if (outer === undefined) continue
    const inner = stringsClaim(claims, name)
    if (inner instanceof AuthError) return inner
    if (!isDeepStrictEqual(outer, inner)) {
      return invalidToken('malformed_claim', `The outer header contradicts the claim "${name}"`)
    }
  }
  return undefined
}

/** @throws Error for anything but private RSA or EC keys in JWK form. */
export function importDecryptionKey(jwk: unknown): DecryptionKey {
  if (!isRecord(jwk)) throw new Error('not a JWK')
  const { kid } = jwk
  if (kid !== undefined && typeof kid !== 'string') throw new Error('"kid" is not a string')
  const key: JsonWebKey = jwk
  const keyObject = createPrivateKey({ key, format: 'jwk' })
  const type = keyObject.asymmetricKeyType
  if (type !== 'rsa' && type !== 'ec') throw new Error('not a private RSA or EC key')
  return { keyId: kid, keyObject }
}

/** Nothing here is verified yet: members are whatever the sender wrote. */
function outerHeader(token: string): Decrypted['header'] | AuthError {
  const segment = token.slice(0, token.indexOf('.'))
  if (exceedsDepth(Buffer.from(segment, 'base64url'), MAX_DEPTH)) return undecryptable()
  const header = parseHeader(segment)
  if (header instanceof AuthError) return header
  return judgeOuterHeader(header) ?? header
}

/** Names the member that is at fault: it is there for everybody to read, and nothing was decrypted yet. */
function judgeOuterHeader(header: Decrypted['header']): AuthError | undefined {
  // A compressed plaintext can grow a thousandfold (RFC 8725bis §3.15).
  const unknown = ['zip', 'crit'].find((name) => Object.hasOwn(header, name))
  if (unknown !== undefined) return unsupported(unknown, header)
  if (!CONTENT_TYPES.includes(mediaType(ownClaim(header, 'cty')))) return unsupported('cty', header)
  // Refuse by algorithm name before queueing for a crypto slot.
  for (const [name, allowed] of ALGORITHMS) {
    const value = ownClaim(header, name)
    if (typeof value !== 'string' || !allowed.includes(value)) return unsupported(name, header)
  }
  return undefined
}

function unsupported(name: string, header: Decrypted['header']): AuthError {
  const value = ownClaim(header, name)
  const shown = typeof value === 'string' ? printable(value, 40) : typeof value
  return invalidToken(
    'encrypted_token',
    `The encrypted token has the header "${name}" (${shown}), which is not supported`,
  )
}

function parseHeader(segment: string): Decrypted['header'] | AuthError {
  try {
    const header: unknown = JSON.parse(decodeText(segment) ?? '')
    if (isRecord(header)) return header
  } catch {
    // Not JSON.
  }
  return undecryptable()
}

function decryption(): Promise<Jose | AuthError> {
  return load().catch((cause: unknown) => {
    const detail = `What decrypts tokens could not be loaded: ${messageOf(cause)}`
    return new AuthError('temporarily_unavailable', { reason: 'keys_unavailable', detail, cause })
  })
}

function tryDecrypt(
  token: string,
  key: KeyObject,
  sender: Sender,
): Promise<string | false | AuthError> {
  const check = async (): Promise<string | false | AuthError> => {
    const jose = await decryption()
    if (jose instanceof AuthError) return jose
    try {
      const { plaintext } = await jose.compactDecrypt(token, key, {
        keyManagementAlgorithms: KEY_MANAGEMENT,
        contentEncryptionAlgorithms: CONTENT_ENCRYPTION,
      })
      return Buffer.from(plaintext).toString('latin1')
    } catch {
      return false
    }
  }
  return withCryptoSlot({ key, sender, check })
}

function undecryptable(): AuthError {
  return invalidToken('encrypted_token', 'The token could not be decrypted')
}
