import type { Auth } from './auth.js'
import { GUARD_TOLERANCE } from './guard-tolerance.js'

/**
 * What a verified token means, frozen. A name that other packages have is an error, because `undefined` in
 * its place goes into queries without a word, and some of these then return every row. Getters of a class
 * are not enumerable, so that copies, logs and comparisons do not meet them; and an object of a class is as
 * quick to make and to read as a literal, where one with another prototype is not.
 */
export class VerifiedAuth implements Auth {
  declare readonly issuer: Auth['issuer']
  declare readonly revocationIssuer: Auth['revocationIssuer']
  declare readonly subject: Auth['subject']
  declare readonly clientId: Auth['clientId']
  declare readonly actor: Auth['actor']
  declare readonly audience: Auth['audience']
  declare readonly scopes: Auth['scopes']
  declare readonly roles: Auth['roles']
  declare readonly permissions: Auth['permissions']
  declare readonly tokenId: Auth['tokenId']
  declare readonly sessionId: Auth['sessionId']
  declare readonly issuedAt: Auth['issuedAt']
  declare readonly expiresAt: Auth['expiresAt']
  declare readonly version: Auth['version']
  declare readonly claims: Auth['claims']
  declare readonly transport: Auth['transport']
  readonly #clockToleranceSeconds: number

  static {
    Object.defineProperty(this.prototype, GUARD_TOLERANCE, {
      get(this: object) {
        return #clockToleranceSeconds in this ? this.#clockToleranceSeconds : undefined
      },
    })
  }

  constructor(auth: Auth, clockToleranceSeconds: number) {
    this.issuer = auth.issuer
    this.revocationIssuer = auth.revocationIssuer
    this.subject = auth.subject
    this.clientId = auth.clientId
    this.actor = auth.actor
    this.audience = auth.audience
    this.scopes = auth.scopes
    this.roles = auth.roles
    this.permissions = auth.permissions
    this.tokenId = auth.tokenId
    this.sessionId = auth.sessionId
    this.issuedAt = auth.issuedAt
    this.expiresAt = auth.expiresAt
    this.version = auth.version
    this.claims = auth.claims
    this.transport = auth.transport
    this.#clockToleranceSeconds = clockToleranceSeconds
    Object.freeze(this)
  }

  get sub(): never {
    throw absent('sub', 'the user is authOf(req).subject')
  }

  get payload(): never {
    throw absent('payload', 'every claim is in authOf(req).claims')
  }
}

// To consoles and tests an Auth is an object like any other.
Object.defineProperty(VerifiedAuth.prototype, 'constructor', { value: Object })
Object.freeze(VerifiedAuth.prototype)

function absent(name: string, hint: string): TypeError {
  return new TypeError(`req.auth has no "${name}": ${hint}. See "Coming from another package"`)
}
