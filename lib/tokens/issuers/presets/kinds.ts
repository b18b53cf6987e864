import { COGNITO_KINDS } from './cognito.js'
import { KEYCLOAK_KINDS } from './keycloak.js'

/** A claim by which a product says what kind of token it is, beside or without a `typ` in the header. */
export interface KindClaim {
  readonly claim: string
  /** Its values in an access token. */
  readonly access: readonly string[]
  /** In an ID token. */
  readonly id: readonly string[]
  /** In tokens of other kinds, none of which an API takes. */
  readonly others: readonly string[]
}

/** Of all products, because most of their users configure an issuer without a preset. */
export const KIND_CLAIMS: readonly KindClaim[] = [KEYCLOAK_KINDS, COGNITO_KINDS]
