// A type is exported where an app may write it down, or where the signature of another export mentions it:
// no public type mentions one that cannot be imported (`npm run house -- --check`).
export type { Actor, Auth, EarlierActor } from './core/auth/auth.js'
export type { Clock } from './core/clock.js'
export type { CodeRows } from './core/verdicts/codes.js'
export type { Outcome } from './core/verdicts/outcome.js'
export {
  AuthError,
  type AuthErrorCode,
  type AuthErrorFamily,
  type AuthErrorOptions,
  type AuthErrorReason,
} from './core/verdicts/errors.js'
export type { AuthErrorByCode } from './core/verdicts/error-by-code.js'
export { EVENT_CHANNEL, type AuthEvent, type TokenFacts } from './core/events/events.js'
export {
  backChannelLogout,
  type BackChannelLogoutEndpoint,
  type BackChannelLogoutFields,
  type BackChannelLogoutOptions,
} from './endpoints/back-channel-logout.js'
export { logout, type LogoutOptions, type LogoutScope } from './endpoints/logout.js'
export { fapi2, type Fapi2Options } from './guards/fapi2.js'
export {
  protectedResourceMetadata,
  type Localized,
  type ProtectedResourceMetadata,
  type ProtectedResourceMetadataOptions,
  type TokenGuard,
} from './endpoints/resource-metadata.js'
export { csrfGuard, type CsrfGuardOptions } from './guards/csrf-guard.js'
export type { Exemption } from './guards/csrf/exemptions.js'
export type { CsrfTokenOptions } from './guards/csrf/token-mode.js'
export type {
  SecurityHeadersOptions,
  StrictTransportSecurityOptions,
} from './guards/headers/compile.js'
export type { CspDirectives } from './guards/headers/csp.js'
export type { SecurityHeadersPreset } from './guards/headers/presets.js'
export {
  jtiBlocklist,
  type JtiBlocklistOptions,
  type OnUnavailable,
} from './guards/jti-blocklist.js'
export { jtiAllowlist, type TokenAllowlist } from './guards/jti-allowlist.js'
export { requireBearer, type BearerGuard } from './guards/require-bearer.js'
export type {
  BearerOptions,
  OwnVerifierOptions,
  RequireBearerOptions,
} from './guards/bearer/options.js'
export type { PresentedToken, TokenVerifier } from './http/guard/token-verifier.js'
export {
  requireAuthorizationDetails,
  type NeededDetail,
} from './guards/grants/require-authorization-details.js'
export type { AuthorizationDetail } from './core/auth/details.js'
export { requireStepUp, type StepUpOptions } from './guards/grants/require-step-up.js'
export { memoryReplayStore, type MemoryReplayStoreOptions } from './replay/memory-store.js'
export { ReplayUnavailable, type ProofClaim, type ReplayStore } from './replay/store.js'
export {
  clientCertHeader,
  type ClientCertHeaderOptions,
} from './tokens/proof/mtls/client-cert-header.js'
export type { DpopOptions } from './tokens/proof/dpop/dpop-options.js'
export type { ClientCertReader, MtlsOptions } from './tokens/proof/mtls/mtls-options.js'
export type { ProofOptions } from './tokens/proof/proofs.js'
export type { AuthScheme } from './core/auth/scheme.js'
export type { Client, Peer, RequestHead } from './http/request/request-head.js'
export { requireActor, type ActorNames } from './guards/grants/require-actor.js'
export {
  defineClaims,
  type ClaimsGuard,
  type ClaimsResult,
  type ClaimsSchema,
} from './guards/grants/define-claims.js'
export { requireClaims, type ClaimsPredicate } from './guards/grants/require-claims.js'
export { requireAnyPermission, requirePermission } from './guards/grants/require-permission.js'
export { requireAnyRole, requireRole } from './guards/grants/require-role.js'
export { requireAnyScope, requireScope } from './guards/grants/require-scope.js'
export { securityHeaders } from './guards/security-headers.js'
export type { GuardOptions } from './http/guard/auth-guard.js'
export { authSignal } from './guards/auth-signal.js'
export { verifyUpgrade } from './guards/verify-upgrade.js'
export { authOf, optionalAuthOf } from './http/guard/auth-state.js'
export type { ThrottleOptions } from './http/throttle/failure-throttle.js'
export type { WeldedCheckOptions } from './http/origin/welded-check.js'
export type { CookieOptions } from './http/origin/cookie-credential.js'
export type { TokenHeaderOptions } from './http/origin/header-credential.js'
export type { ClearableCookie, ReadableCookie } from './http/request/cookies.js'
export type { Secret } from './http/secrets/secrets.js'
export type { RateLimitRedis } from './http/throttle/shared-script.js'
export type { SharedRedis } from './http/throttle/shared-redis.js'
export type { ResponderOptions } from './http/guard/responder.js'
export type { Middleware, OnRefuse } from './http/guard/middleware.js'
export { refuse } from './http/answer/refuse.js'
export type { ChallengeParameter, ErrorFormat, RefusalStyle } from './http/answer/style.js'
export {
  bearer,
  clientSecretBasic,
  clientSecretPost,
  privateKeyJwt,
  tlsClientAuth,
  type ClientAuth,
  type ClientAuthRequest,
  type Supplied,
} from './tokens/introspection/asking/client-auth.js'
export type { IntrospectionOptions } from './tokens/introspection/asking/options.js'
export type { ClientCertificate } from './net/fetch/bounded-fetch.js'
export type { KeySourceStatus } from './keys/key-source.js'
export {
  memoryRevocationStore,
  type MemoryRevocationStoreOptions,
} from './revocation/memory/memory-store.js'
export type { NamedIssuer } from './revocation/issuer-name.js'
export type { LifetimeOptions } from './revocation/lifetimes.js'
export {
  RevocationUnavailable,
  type RevocationChecker,
  type RevocationQuery,
  type RevocationReceipt,
  type RevocationStatus,
  type RevocationStore,
  type RevocationVerdict,
  type RevokedBy,
  type SubjectRevocation,
} from './revocation/store.js'
export type {
  KeysAtUri,
  KeysByDiscovery,
  KeysInHand,
  OneKeySource,
  SharedSecret,
  Without,
} from './tokens/issuers/policy/one-key-source.js'
export type {
  IssuerFields,
  IssuerOptions,
  JsonWebKey,
  JsonWebKeySet,
  KeyCacheOptions,
} from './tokens/issuers/policy/options.js'
export type { ClaimOptions } from './tokens/issuers/policy/claim-options.js'
export type { ExpectedValue } from './tokens/issuers/policy/policy.js'
export type { TokenProfile } from './tokens/jwt/header.js'
export type { FetchKeys, KeyRequest } from './keys/documents/documents.js'
export type { RequestHeaders } from './net/network/network.js'
export type { NetworkOptions } from './net/network/network-options.js'
export type {
  IssuerResolver,
  IssuerStatus,
  TrustedIssuers,
} from './tokens/issuers/registry/registry.js'
export type { LogoutTokenFields, LogoutTokenOptions } from './tokens/events/logout-verifier.js'
