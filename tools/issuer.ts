import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { exportJWK, SignJWT, type CryptoKey, type JWK } from 'jose'
import { keyPair } from './rsa-keys.js'
import { running, type RunningServer } from './server.js'

export interface SigningKey {
  readonly kid: string
  readonly alg: string
  readonly jwk: JWK
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

export async function createSigningKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await keyPair(alg)
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }
  return { kid, alg, jwk, privateKey, publicKey }
}

/** Claims to change in an otherwise valid token; undefined leaves one out. */
export type ClaimChanges = Readonly<Record<string, unknown>>

/** An authorization server of our own: real sockets and real signatures, with every fault to order. */
export interface TestIssuer {
  readonly url: string
  readonly audience: string
  /** What a guard needs, as of the issuer of the test kit. */
  readonly options: { readonly issuer: string; readonly audience: string }
  /** Published keys. Change it to rotate. */
  keys: JWK[]
  /** Paths asked for so far. */
  readonly requests: string[]
  /** Answers in place of the issuer, where it returns true. */
  intercept: ((req: IncomingMessage, res: ServerResponse) => boolean) | undefined
  /** A valid RFC 9068 access token with scope `read`, but for the changes. */
  token(claims?: ClaimChanges, header?: ClaimChanges, key?: SigningKey): Promise<string>
  readonly key: SigningKey
  close(): Promise<void>
}

export interface TestIssuerOptions {
  readonly audience?: string
  readonly alg?: string
  /** Wall time in seconds that tokens are stamped with. */
  readonly clock?: () => number
}

let tokenCount = 0

export async function startIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const { audience = 'https://api.test', alg = 'RS256' } = options
  const clock = options.clock ?? (() => Date.now() / 1000)
  const key = await createSigningKey('key-1', alg)
  const requests: string[] = []
  const server: RunningServer = await running(
    createServer((req, res) => {
      requests.push(req.url ?? '')
      if (issuer.intercept?.(req, res) === true) return
      answer(req, res)
    }),
  )

  function answer(req: IncomingMessage, res: ServerResponse): void {
    if (req.url === '/.well-known/oauth-authorization-server') {
      sendJson(res, { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` })
    } else if (req.url === '/jwks') {
      sendJson(res, { keys: issuer.keys })
    } else {
      res.statusCode = 404
      res.end()
    }
  }

  const issuer: TestIssuer = {
    url: server.url,
    audience,
    options: { issuer: server.url, audience },
    keys: [key.jwk],
    requests,
    intercept: undefined,
    key,
    async token(claims = {}, header = {}, signingKey = key) {
      const now = Math.floor(clock())
      tokenCount += 1
      const payload = {
        iss: server.url,
        aud: audience,
        sub: 'user-1',
        client_id: 'client-1',
        iat: now,
        exp: now + 300,
        jti: `token-${tokenCount}`,
        scope: 'read',
        ...claims,
      }
      return new SignJWT(JSON.parse(JSON.stringify(payload)) as Record<string, unknown>)
        .setProtectedHeader({
          alg: signingKey.alg,
          kid: signingKey.kid,
          typ: 'at+jwt',
          ...header,
        })
        .sign(signingKey.privateKey)
    },
    close: () => server.close(),
  }
  return issuer
}

export function sendJson(res: ServerResponse, body: unknown): void {
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify(body))
}
