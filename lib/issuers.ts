export { auth0, type Auth0Options } from './tokens/issuers/presets/auth0.js'
export { b2c, type B2cOptions } from './tokens/issuers/presets/b2c.js'
export { cognito, type CognitoOptions } from './tokens/issuers/presets/cognito.js'
export { entra, type EntraOptions } from './tokens/issuers/presets/entra.js'
export {
  googleIdToken,
  type GoogleIdTokenOptions,
} from './tokens/issuers/presets/google-id-token.js'
export { hydra, type HydraOptions } from './tokens/issuers/presets/hydra.js'
export { keycloak, type KeycloakOptions } from './tokens/issuers/presets/keycloak.js'
export { okta, type OktaOptions } from './tokens/issuers/presets/okta.js'
export type { PresetOptions } from './tokens/issuers/presets/preset.js'
export { rfc9068, type Rfc9068Options } from './tokens/issuers/presets/rfc9068.js'
export { zitadel, type ZitadelOptions } from './tokens/issuers/presets/zitadel.js'
export type { IssuerOptions } from './tokens/issuers/policy/options.js'
