import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { JWK } from 'jose'
import { createSigningKey, mintToken, type SigningKey } from './issuer.js'
import { SELF_SIGNED } from './self-signed.js'

/** Every way in which one of an issuer's documents can be bad. */
export const FAULTS = [
  'refused',
  'reset',
  'no answer',
  'dripping head',
  'dripping body',
  'endless',
  'announced as huge',
  'gzip bomb',
  'broken gzip',
  'head too large',
  'HTML',
  'truncated',
  'not UTF-8',
  'empty',
  'wrong shape',
  'wrong content',
  'redirect',
  'switching protocols',
  'not HTTP',
  'bad TLS',
  '404',
  '429',
  '500',
] as const

export type Fault = (typeof FAULTS)[number]

/** One document of an issuer, on a port of its own, so that it can fail alone. */
export interface HostileDocument {
  readonly port: number
  /** Requests that have reached it. */
  requests: number
  misbehave(fault: Fault): Promise<void>
  behave(): Promise<void>
  close(): Promise<void>
}

/** An issuer whose metadata and keys are on two ports, each with any fault to order. */
export interface HostileIssuer {
  readonly url: string
  readonly audience: string
  readonly metadata: HostileDocument
  readonly jwks: HostileDocument
  readonly key: SigningKey
  /** Signs tokens from the start, is published once `rotate()` was called. */
  readonly nextKey: SigningKey
  rotate(): void
  token(key?: SigningKey): Promise<string>
  close(): Promise<void>
}

export async function startHostileIssuer(): Promise<HostileIssuer> {
  const key = await createSigningKey('key-1', 'ES256')
  const nextKey = await createSigningKey('key-2', 'ES256')
  let keys: readonly JWK[] = [key.jwk]
  const jwks = await startDocument({
    good: () => ({ keys }),
    // A key that everybody knows.
    wrong: () => ({ keys: [{ ...key.jwk, d: 'AAAA' }] }),
    untrusted: () => undefined,
  })
  const metadata = await startDocument({
    good: () => ({ issuer: url, jwks_uri: jwksUri(jwks) }),
    wrong: () => ({ issuer: `${url}/`, jwks_uri: jwksUri(jwks) }),
    untrusted: () => undefined,
  })
  const url = `http://127.0.0.1:${metadata.port}`
  const audience = 'https://api.test'
  return {
    url,
    audience,
    metadata,
    jwks,
    key,
    nextKey,
    rotate() {
      keys = [key.jwk, nextKey.jwk]
    },
    token: (signingKey = key) => mintToken({ iss: url, aud: audience }, {}, signingKey),
    async close() {
      await Promise.all([metadata.close(), jwks.close()])
    },
  }
}
