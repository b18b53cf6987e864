import { describe, expect, it } from '@jest/globals'
import { authRateLimit, strictCors, tokenCookie } from '../../../lib/browser.js'
import { csrfGuard, requireBearer, securityHeaders } from '../../../lib/index.js'
import { auth0 } from '../../../lib/issuers.js'

type Factory = (options: object) => unknown

const bearer: Factory = (options) =>
  requireBearer({ issuer: 'https://id.example', audience: 'api', ...options })
const preset: Factory = (options) => auth0({ domain: 'id.example', audience: 'api', ...options })
const limit: Factory = (options) => authRateLimit('login', options)

describe('an option of another library', () => {
  it.each<[string, Factory, readonly string[], string]>([
    [
      'express-jwt: leeway',
      bearer,
      ['clockTolerance', 'leeway'],
      'Did you mean "clockToleranceSeconds"?',
    ],
    [
      'express-jwt: anonymous requests',
      bearer,
      ['credentialsRequired', 'authRequired'],
      '"optional: true"',
    ],
    [
      'jsonwebtoken, passport-jwt: keys',
      bearer,
      ['secretOrPublicKey', 'secretOrKey', 'secretOrKeyProvider', 'publicKey', 'key'],
      'For a shared secret give "secret"',
    ],
    [
      'express-jwt, passport-jwt: where tokens are',
      bearer,
      ['getToken', 'jwtFromRequest'],
      'what "cookie" or "header" names',
    ],
    [
      'express-jwt: the property of the request',
      bearer,
      ['requestProperty', 'userProperty'],
      'authOf(req)',
    ],
    ['express-jwt: revocation', bearer, ['isRevoked'], 'jtiBlocklist(store)'],
    ['passport-jwt: expiry', bearer, ['ignoreExpiration'], 'Expired tokens are never taken'],
    ['express-oauth2-jwt-bearer', bearer, ['issuerBaseURL'], 'Did you mean "issuer"?'],
    ['express-oauth2-jwt-bearer', bearer, ['tokenSigningAlg'], 'Did you mean "algorithms"?'],
    ['express-oauth2-jwt-bearer', bearer, ['strict'], "profile: 'rfc9068'"],
    ['jwks-rsa', bearer, ['jwksUrl', 'jwks_uri', 'jwksURI'], 'Did you mean "jwksUri"?'],
    ['jwks-rsa', bearer, ['cache', 'cacheMaxEntries'], '"keyCache"'],
    ['jwks-rsa', bearer, ['jwksRequestsPerMinute'], '"keyCache.refetchBurst"'],
    ['clients of HTTP', bearer, ['agent', 'httpsAgent', 'dispatcher'], '"network.ca"'],
    ['jose', bearer, ['maxTokenAge'], 'Did you mean "maxAgeSeconds"?'],
    ['keycloak-connect', bearer, ['auth-server-url'], 'keycloak({ baseUrl, realm, audience })'],
    ['a header of its own', bearer, ['tokenHeader'], 'header: { name }'],
    ['the same to a preset', preset, ['clockTolerance'], '"clockToleranceSeconds"'],
    ['helmet', securityHeaders, ['hsts'], 'Did you mean "strictTransportSecurity"?'],
    ['helmet', securityHeaders, ['frameguard'], 'Did you mean "frameOptions"?'],
    ['helmet', securityHeaders, ['noSniff'], 'always sent'],
    ['csurf', csrfGuard, ['ignoreMethods'], 'GET, HEAD and OPTIONS are never judged'],
    ['cors', strictCors as Factory, ['origin'], 'Did you mean "trustedOrigins"?'],
    ['express-rate-limit', limit, ['windowMs'], '"windowSeconds" counts in seconds'],
    ['express-rate-limit', limit, ['max', 'limit'], '"failuresPerNetwork"'],
    ['res.cookie', tokenCookie, ['httpOnly'], 'always HttpOnly'],
  ])('is an error that names ours: %s', (_name, factory, names, advice) => {
    for (const name of names) {
      const call = (): unknown => factory({ [name]: true })
      expect(call).toThrow(`unknown option "${name}". `)
      expect(call).toThrow(advice)
    }
  })

  it('is like any other name to a factory that has nothing of the kind', () => {
    expect(() => tokenCookie({ issuerBaseURL: 'x' } as never)).toThrow(/"issuerBaseURL"\. Known: /)
  })
})
