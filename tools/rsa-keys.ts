import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type GenerateKeyPairResult,
  type JWK,
} from 'jose'

/** More than any test needs at once: they are given in turn. */
const KEPT = 24
const FOLDER = 'node_modules/.cache/express-resource-server'
const FILE = join(FOLDER, 'rsa-keys.json')

let kept: Promise<readonly JWK[]> | undefined
let used = 0

/**
 * A key pair that no other issuer of this test has. Suites start issuers by the hundred, and an RSA pair
 * takes the processor a tenth of a second: those for RS256 are kept from run to run.
 */
export async function keyPair(alg: string): Promise<GenerateKeyPairResult> {
  if (alg !== 'RS256') return generateKeyPair(alg, { extractable: true })
  kept ??= keys()
  const keep = await kept
  const jwk = keep[used % keep.length]!
  used += 1
  const { kty, n, e } = jwk
  return {
    privateKey: (await importJWK(jwk, alg, { extractable: true })) as CryptoKey,
    publicKey: (await importJWK({ kty, n, e } as JWK, alg, { extractable: true })) as CryptoKey,
  }
}

async function keys(): Promise<readonly JWK[]> {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as readonly JWK[]
  } catch {
    return makeKept()
  }
}

async function makeKept(): Promise<readonly JWK[]> {
  const pairs = await Promise.all(
    Array.from({ length: KEPT }, () => generateKeyPair('RS256', { extractable: true })),
  )
  const made = await Promise.all(pairs.map(({ privateKey }) => exportJWK(privateKey)))
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 })
  // Another worker may do the same: one file is put whole in the place of the other.
  const draft = `${FILE}.${process.pid}`
  writeFileSync(draft, JSON.stringify(made), { mode: 0o600 })
  renameSync(draft, FILE)
  return made
}
