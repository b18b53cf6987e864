export {
  authRateLimit,
  type AuthRateLimitOptions,
  type AuthRateLimitPreset,
} from './browser/auth-rate-limit.js'
export type { RateLimitRedis } from './http/throttle/shared-script.js'
export type { SharedRedis } from './http/throttle/shared-redis.js'
export {
  forwardableHeaders,
  type ForwardableHeadersOptions,
} from './browser/forwardable-headers.js'
export { endSession, loginRedirect } from './browser/pages.js'
export type { CookieAttributes } from './http/request/cookies.js'
export { isSameOrigin, type SameOriginOptions } from './http/origin/same-origin.js'
export { strictCors, type StrictCorsOptions } from './browser/strict-cors.js'
export {
  tokenCookie,
  TokenCookieTooLarge,
  type TokenCookie,
  type TokenCookieOptions,
} from './browser/token-cookie.js'
