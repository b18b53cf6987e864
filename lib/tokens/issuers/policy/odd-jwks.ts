import { isRecord } from '../../../core/values.js'

/** The fix for values that people give in place of a JWKS; undefined for one that may be right. */
export function adviceForJwks(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return value.trimStart().startsWith('-----BEGIN')
      ? 'be { keys: [jwk] }: for PEM, const jwk = crypto.createPublicKey(pem).export({ format: "jwk" })'
      : 'be an object: for JSON text, JSON.parse(text)'
  }
  if (Array.isArray(value)) return 'be an object: for a list of JWKs, { keys: list }'
  if (!isRecord(value) || Array.isArray(value['keys'])) return undefined
  if ('kty' in value) return 'be { keys: [jwk] }: one JWK is no set'
  if (typeof value['export'] === 'function') {
    return 'be { keys: [jwk] }: for a KeyObject, const jwk = key.export({ format: "jwk" })'
  }
  return undefined
}
