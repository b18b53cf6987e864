import type { IncomingMessage, ServerResponse } from 'node:http'
import { SignJWT } from 'jose'
import { sendJson, startIssuer, type TestIssuer, type TestIssuerOptions } from './issuer.js'

export const CLIENT = { id: 'api-1', secret: 'secret of api:1' }

/** What came to the introspection endpoint. */
export interface IntrospectionCall {
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly form: URLSearchParams
}

/** An issuer of our own that also answers about tokens, with real sockets and every answer to order. */
export interface IntrospectingIssuer extends TestIssuer {
  readonly calls: IntrospectionCall[]
  /** What it says of each token; of any other, that it is not active. */
  readonly answers: Map<string, unknown>
  /** Answers in place of the endpoint, once the form is there. */
  respond: ((call: IntrospectionCall, res: ServerResponse) => void) | undefined
  /** Says of a new opaque token what a good answer says, but for the changes. */
  opaque(changes?: Readonly<Record<string, unknown>>): string
  /** An answer signed for `CLIENT` (RFC 9701), but for the changes. */
  signedAnswer(
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ): Promise<string>
  /** Members that the metadata has besides. */
  metadata: Readonly<Record<string, unknown>>
}

let count = 0

export async function startIntrospectingIssuer(
  options: TestIssuerOptions = {},
): Promise<IntrospectingIssuer> {
  const issuer = await startIssuer({ alg: 'ES256', ...options })
  const clock = options.clock ?? (() => Date.now() / 1000)
  const calls: IntrospectionCall[] = []
  const answers = new Map<string, unknown>()

  function answer(call: IntrospectionCall, res: ServerResponse): void {
    if (whole.respond === undefined) {
      sendJson(res, answers.get(call.form.get('token') ?? '') ?? { active: false })
    } else whole.respond(call, res)
  }

  issuer.intercept = (req, res) => {
    if (req.url === '/.well-known/oauth-authorization-server') {
      const introspection = `${issuer.url}/introspect`
      sendJson(res, {
        issuer: issuer.url,
        jwks_uri: `${issuer.url}/jwks`,
        introspection_endpoint: introspection,
        ...whole.metadata,
      })
      return true
    }
    if (req.url?.startsWith('/introspect') !== true) return false
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      const call = { url: req.url ?? '', headers: req.headers, form }
      calls.push(call)
      answer(call, res)
    })
    return true
  }

  const whole: IntrospectingIssuer = Object.assign(issuer, {
    calls,
    answers,
    metadata: {},
    respond: undefined,
    opaque(changes: Readonly<Record<string, unknown>> = {}) {
      count += 1
      const token = `opaque-token-${count}`
      const now = Math.floor(clock())
      answers.set(token, {
        active: true,
        iss: issuer.url,
        aud: issuer.audience,
        sub: 'user-1',
        client_id: 'client-1',
        token_type: 'Bearer',
        scope: 'read',
        iat: now,
        exp: now + 300,
        ...changes,
      })
      return token
    },
    signedAnswer(
      claims: Readonly<Record<string, unknown>> = {},
      header: Readonly<Record<string, unknown>> = {},
    ) {
      const { alg, kid, privateKey } = issuer.key
      const body = { iss: issuer.url, aud: CLIENT.id, iat: Math.floor(clock()), ...claims }
      return new SignJWT(JSON.parse(JSON.stringify(body)) as Record<string, unknown>)
        .setProtectedHeader({ alg, kid, typ: 'token-introspection+jwt', ...header })
        .sign(privateKey)
    },
  })
  return whole
}
