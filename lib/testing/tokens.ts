import { randomUUID } from 'node:crypto'
import type { Clock } from '../core/clock.js'
import { certificateConfirmation, createDpopClient, type TestDpopClient } from './bound.js'
import type { TestClaims } from './claims.js'
import type { KeyRing } from './key-ring.js'
import type { HeaderSetter } from './requests.js'
import type { Shape } from './shapes.js'
import { unsigned, type JsonObject } from './signing-key.js'

/** Every kind of token that an API meets, good and bad. The guards judge them as they judge any other. */
export interface TestTokens {
  /** A good token, but for these claims and members of its header. */
  readonly token: (claims?: TestClaims, header?: JsonObject) => string
  /** A good token that says nothing itself: its issuer is asked about it (`introspection`). */
  readonly opaqueToken: (claims?: TestClaims) => string
  /** A client with a new key: gives tokens that are bound to it, and proofs for each request (RFC 9449). */
  readonly dpopClient: () => TestDpopClient
  /** A good token that is bound to this client certificate, in PEM or DER (RFC 8705). */
  readonly mtlsToken: (certificate: string | Uint8Array, claims?: TestClaims) => string
  /** Expired: issued an hour ago. */
  readonly expired: (claims?: TestClaims) => string
  /** Good in an hour (`nbf`). */
  readonly notYetValid: (claims?: TestClaims) => string
  /** For another API. */
  readonly wrongAudience: (claims?: TestClaims) => string
  /** Of another issuer, signed by our key. */
  readonly wrongIssuer: (claims?: TestClaims) => string
  /** Without a signature: `alg` is `none`. */
  readonly unsigned: (claims?: TestClaims) => string
  /** Signed by HS256 with the public key for a secret. */
  readonly algConfusion: (claims?: TestClaims) => string
  /** Signed by a key that was never published, under the name of one that is. */
  readonly wrongKey: (claims?: TestClaims) => string
  /** An ID token of the session of the token before it, for the client `client-1`: no API may take it. */
  readonly idToken: (claims?: TestClaims) => string
  /** Ends the session of the token before it, or of this `sid`; with `sid: undefined`, all of the `sub`. */
  readonly logoutToken: (claims?: TestClaims) => string
  /** Adds `Authorization` with a good token to a request or an agent of supertest. */
  readonly authed: <T extends HeaderSetter>(request: T, claims?: TestClaims) => T
}

export interface Minting {
  readonly shape: Shape
  readonly keys: KeyRing
  readonly audience: string
  readonly clock: Clock
  readonly issuer: () => string
  /** What is said of each opaque token. */
  readonly opaque: Map<string, object>
}

export const CLIENT = 'client-1'

const LIFETIME_SECONDS = 300
/** Beyond any clock tolerance. */
const HOUR_SECONDS = 3600
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

export function createTokens({
  shape,
  keys,
  audience,
  clock,
  issuer,
  opaque,
}: Minting): TestTokens {
  const sub = 'user-1'
  let sessions = 0
  let lastSession = 'session-1'
  const header = { typ: shape.typ }

  function stamped(at = Math.floor(clock())): JsonObject {
    return { iss: issuer(), iat: at, exp: at + LIFETIME_SECONDS, jti: randomUUID() }
  }

  function access(claims: TestClaims = {}, issuedAt?: number): JsonObject {
    const sid = newSession(claims)
    const own = { ...stamped(issuedAt), sub, sid, aud: audience, client_id: CLIENT }
    return shape.claims({ ...own, ...claims })
  }

  /** One for each token: where all share one, a logout in one test makes every later token 401. */
  function newSession(claims: TestClaims): string | undefined {
    const sid = Object.hasOwn(claims, 'sid') ? claims.sid : `session-${(sessions += 1)}`
    if (sid !== undefined) lastSession = sid
    return sid
  }

  /** For the client, of the session of the last token. */
  const withSession = (): JsonObject => ({ ...stamped(), sub, sid: lastSession, aud: CLIENT })

  const tokens: TestTokens = {
    token: (claims, changes) => keys.current().sign({ ...header, ...changes }, access(claims)),
    opaqueToken(claims) {
      const token = randomUUID()
      opaque.set(token, { active: true, token_type: 'Bearer', ...access(claims) })
      return token
    },
    dpopClient: () => createDpopClient(tokens, clock),
    mtlsToken: (certificate, claims) =>
      tokens.token({ cnf: certificateConfirmation(certificate), ...claims }),
    expired: (claims) =>
      keys.current().sign(header, access(claims, Math.floor(clock()) - HOUR_SECONDS)),
    notYetValid: (claims) => {
      const from = Math.floor(clock()) + HOUR_SECONDS
      return tokens.token({ nbf: from, exp: from + LIFETIME_SECONDS, ...claims })
    },
    wrongAudience: (claims) => tokens.token({ aud: 'https://another-api.test', ...claims }),
    wrongIssuer: (claims) => tokens.token({ iss: 'https://another-issuer.test', ...claims }),
    unsigned: (claims) => unsigned(header, access(claims)),
    algConfusion: (claims) => keys.current().confuse(header, access(claims)),
    wrongKey: (claims) => keys.stranger().sign(header, access(claims)),
    idToken: (claims) => {
      const own = { ...withSession(), azp: CLIENT, nonce: randomUUID() }
      return keys.current().sign({ typ: 'JWT' }, { ...own, ...claims })
    },
    logoutToken: (claims) => {
      const own = { ...withSession(), events: { [LOGOUT_EVENT]: {} } }
      return keys.current().sign({ typ: 'logout+jwt' }, { ...own, ...claims })
    },
    authed(request, claims) {
      request.set('Authorization', `Bearer ${tokens.token(claims)}`)
      return request
    },
  }
  return tokens
}
