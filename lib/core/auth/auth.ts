/** One of those who acted before. A trail for logs: RFC 8693 §4.1 forbids to decide anything by it. */
export interface EarlierActor {
  /** Who knows it: its own `iss`, else the issuer of the token. */
  readonly issuer: string
  /** `sub`. Unique only together with `issuer`. */
  readonly subject: string | undefined
  /** `client_id`. */
  readonly clientId: string | undefined
}

/** Who acts for the subject of a token (`act`, RFC 8693 §4.1), such as an agent or another service. */
export interface Actor extends EarlierActor {
  /** Those who acted before, the latest first. */
  readonly earlier: readonly EarlierActor[]
}

/**
 * What a verified access token means to an application. Frozen, and free of the raw token, so it
 * may be logged, cached or handed on without leaking a credential.
 */
export interface Auth<Claims extends object = Readonly<Record<string, unknown>>> {
  /** Who issued the token: `iss`. */
  readonly issuer: string
  /**
   * The name of that issuer for revocations: the first spelling that the option `issuer` gives it.
   * Name the issuer by this in calls of a store.
   */
  readonly revocationIssuer: string
  /** Whom the token speaks for: `sub`. Unique only together with `issuer`. */
  readonly subject: string | undefined
  /** The OAuth client that holds the token: `client_id`, else `azp`. */
  readonly clientId: string | undefined
  /** For whom the token was issued: `aud`, as a list. Empty where the issuer sends none. */
  readonly audience: readonly string[]
  /** Who acts for the subject; undefined where the subject or its client does so itself. */
  readonly actor?: Actor | undefined
  /** Granted scopes: `scope`, else `scp`. */
  readonly scopes: ReadonlySet<string>
  /** Roles, by the issuer's `claims.roles`. */
  readonly roles: ReadonlySet<string>
  /** Permissions, by the issuer's `claims.permissions`. */
  readonly permissions: ReadonlySet<string>
  /**
   * Names this token for revocation: `jti`, else the SHA-256 of the signing input. Never a hash of
   * the whole token, of which several spellings verify.
   */
  readonly tokenId: string
  /** The login session at the issuer: `sid`. */
  readonly sessionId: string | undefined
  /** `iat`, in seconds. */
  readonly issuedAt: number | undefined
  /** `exp`, in seconds. */
  readonly expiresAt: number
  /** The minimum-version mark of the token, where `claims.version` names its claim. */
  readonly version: number | undefined
  /** Every claim as the issuer signed it. */
  readonly claims: Readonly<Claims>
  /** Where the token was read from: `Authorization`, a cookie, or the header of the option `header`. */
  readonly transport: 'header' | 'cookie' | 'named-header'
}
