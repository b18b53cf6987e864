import { COGNITO_KINDS } from './cognito.js'
import { KEYCLOAK_KINDS } from './keycloak.js'
import type { KindClaim } from './preset.js'

/** Of all products, because most of their users configure an issuer without a preset. */
export const KIND_CLAIMS: readonly KindClaim[] = [KEYCLOAK_KINDS, COGNITO_KINDS]
