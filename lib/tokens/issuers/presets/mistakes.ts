import type { AuthErrorReason } from '../../../core/verdicts/reasons.js'
import { AUTH0_MISTAKES } from './auth0.js'
import { COGNITO_MISTAKES } from './cognito.js'
import { ENTRA_MISTAKES } from './entra.js'
import { GOOGLE_MISTAKES } from './google-id-token.js'
import { HYDRA_MISTAKES } from './hydra.js'
import { KEYCLOAK_MISTAKES } from './keycloak.js'
import { OKTA_MISTAKES } from './okta.js'
import type { ProductMistakes } from './preset.js'
import { ZITADEL_MISTAKES } from './zitadel.js'

const PRODUCTS: readonly ProductMistakes[] = [
  AUTH0_MISTAKES,
  COGNITO_MISTAKES,
  ENTRA_MISTAKES,
  GOOGLE_MISTAKES,
  HYDRA_MISTAKES,
  KEYCLOAK_MISTAKES,
  OKTA_MISTAKES,
  ZITADEL_MISTAKES,
]

/**
 * How the users of a product usually mend this refusal; undefined where nothing is known.
 *
 * @param issuers Names by which the product may be known, configured or in a token.
 */
export function productFix(
  reason: AuthErrorReason,
  issuers: readonly string[],
): string | undefined {
  const product = PRODUCTS.find(({ issuer }) => issuers.some((name) => issuer.test(name)))
  return product?.fixes[reason]
}
