import { describe, expect, it } from '@jest/globals'
import { foreignOption } from '../../../lib/core/options/foreign-options.js'

/** Names as each library spells them, by the option of ours that makes them matter. */
const SPOKEN: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    'express-jwt, jsonwebtoken and passport-jwt',
    {
      clockToleranceSeconds: 'clockTolerance leeway',
      clock: 'clockTimestamp',
      optional: 'credentialsRequired',
      secret: 'secretOrPublicKey secretOrKey',
      jwksUri: 'secretOrKeyProvider',
      jwks: 'publicKey key keys',
      cookie:
        'getToken jwtFromRequest requestProperty resultProperty userProperty passReqToCallback',
      validate: 'isRevoked',
      onRefuse: 'onExpired',
      maxAgeSeconds: 'ignoreExpiration ignoreNotBefore maxAge',
      issuer: 'jsonWebTokenOptions',
    },
  ],
  [
    'express-oauth2-jwt-bearer and express-openid-connect',
    {
      issuer: 'issuerBaseURL baseURL',
      optional: 'authRequired',
      algorithms: 'tokenSigningAlg idTokenSigningAlg',
      profile: 'strict',
      validate: 'validators customValidators',
    },
  ],
  [
    'jwks-rsa and jose',
    {
      keyCache:
        'cache cacheMaxAge cacheMaxEntries rateLimit jwksRequestsPerMinute timeout cooldownDuration timeoutDuration',
      network: 'requestHeaders requestAgent',
      fetchKeys: 'fetcher getKeysInterceptor',
      clock: 'currentDate',
      maxAgeSeconds: 'maxTokenAge',
      profile: 'typ',
      expectedClaims: 'subject',
    },
  ],
  [
    'keycloak-connect',
    {
      issuer: 'auth-server-url serverUrl',
      jwks: 'realmPublicKey realm-public-key',
      cookie: 'bearer bearer-only bearerOnly',
    },
  ],
  [
    'the claims themselves and clients of HTTP',
    {
      issuer: 'iss domain',
      audience: 'aud resource',
      clientId: 'azp',
      jwksUri: 'jwksUrl jwks_url jwkSetUri',
      discoveryUrl: 'wellKnown metadataUrl',
      cookie: 'requiredScopes scopes cookieName',
      header: 'tokenHeader headerName',
      network: 'agent httpAgent httpsAgent dispatcher',
    },
  ],
  [
    'helmet',
    {
      strictTransportSecurity: 'hsts',
      contentSecurityPolicy: 'csp',
      frameOptions:
        'frameguard xFrameOptions noSniff xContentTypeOptions hidePoweredBy xPoweredBy xssFilter crossOriginEmbedderPolicy',
    },
  ],
  [
    'csurf, lusca, csrf-csrf and cors',
    {
      exempt: 'ignoreMethods ignoredMethods sessionKey getSecret cookie',
      trustedOrigins: 'allowedOrigins whitelist origin optionsSuccessStatus preflightContinue',
    },
  ],
  [
    'express-rate-limit and res.cookie',
    {
      windowSeconds: 'windowMs',
      failuresPerNetwork: 'max limit',
      redis: 'store',
      account: 'keyGenerator',
      isFailure: 'skipSuccessfulRequests',
      sameSite: 'httpOnly secure path',
    },
  ],
]

const cases = SPOKEN.flatMap(([library, options]) =>
  Object.entries(options).flatMap(([option, names]) =>
    names.split(' ').map((name) => [library, name, option] as const),
  ),
)

describe('a name of another library', () => {
  it.each(cases)(
    '%s: %s means something where there is %s, and nothing elsewhere',
    (_of, name, option) => {
      const advice = foreignOption(name, ['other', option])
      expect(advice).toMatch(/^(?:Did you mean "[\w. :{}]+"\?|["A-Z].* .{4,})$/)
      expect(foreignOption(name, ['other'])).toBeUndefined()
    },
  )

  it.each([
    ['leeway', 'clockToleranceSeconds', 'Did you mean "clockToleranceSeconds"?'],
    ['cacheMaxAge', 'keyCache', 'Did you mean "keyCache.ttlSeconds"?'],
    ['timeout', 'keyCache', 'Did you mean "keyCache.timeoutMs"?'],
    ['timeoutDuration', 'keyCache', 'Did you mean "keyCache.timeoutMs"?'],
    ['cooldownDuration', 'keyCache', 'Did you mean "keyCache.refetchIntervalSeconds"?'],
    ['requestHeaders', 'network', 'Did you mean "network.headers"?'],
  ])('%s is answered by the one option that serves: %s', (name, option, advice) => {
    expect(foreignOption(name, [option])).toBe(advice)
  })

  it.each(['leewa', 'my leeway x', '', 'issuer'])('%j is none', (name) => {
    expect(foreignOption(name, ['clockToleranceSeconds', 'issuer'])).toBeUndefined()
  })

  it.each(['Lee-Way', 'lee_way', 'leeWAY2'])('%j is leeway, however it is written', (name) => {
    expect(foreignOption(name, ['clockToleranceSeconds'])).toBeDefined()
  })
})
