export {
  authRateLimit,
  type AuthRateLimitOptions,
  type AuthRateLimitPreset,
} from './auth-rate-limit.js'
export type { RateLimitRedis } from '../http/throttle/shared-script.js'
export { forwardableHeaders, type ForwardableHeadersOptions } from './forwardable-headers.js'
export { endSession, loginRedirect } from './pages.js'
export { strictCors, type StrictCorsOptions } from './strict-cors.js'
export {
  tokenCookie,
  TokenCookieTooLarge,
  type TokenCookie,
  type TokenCookieOptions,
} from './token-cookie.js'
