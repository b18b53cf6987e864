/**
 * Whose token it is. An issuer that is spelt in several ways has one name for revocations, or a user
 * who is logged out stays logged in by the other spelling.
 */
export interface NamedIssuer {
  readonly issuer: string
  /** As in `Auth`. @default `issuer` */
  readonly revocationIssuer?: string | undefined
}

/** The name to store and to look up by: every question and revocation must go by this one. */
export function issuerName({ issuer, revocationIssuer }: NamedIssuer): string {
  return revocationIssuer ?? issuer
}
