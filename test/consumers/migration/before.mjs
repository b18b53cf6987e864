// The guards that apps have today, as their own documentation sets them up.
import { createPublicKey } from 'node:crypto'
import { requireBearerAuth } from '@modelcontextprotocol/express'
import { OAuthError, OAuthErrorCode } from '@modelcontextprotocol/server'
import { JwtVerifier } from 'aws-jwt-verify'
import { expressjwt } from 'express-jwt'
import { auth } from 'express-oauth2-jwt-bearer'
import jwksRsa from 'jwks-rsa'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import Keycloak from 'keycloak-connect'
import passport from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'

/** Each takes what it needs to know of an issuer, and gives a handler for Express. */
export const BEFORE = {
  'express-jwt and jwks-rsa': ({ issuer, audience, jwksUri }) =>
    expressjwt({
      secret: jwksRsa.expressJwtSecret({ jwksUri, cache: true, rateLimit: true }),
      issuer,
      audience,
      algorithms: ['RS256'],
    }),

  'express-oauth2-jwt-bearer': ({ issuer, audience }) => auth({ issuerBaseURL: issuer, audience }),

  'passport-jwt': ({ issuer, audience, jwksUri }) => {
    const strategy = new Strategy(
      {
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri }),
        issuer,
        audience,
        algorithms: ['RS256'],
      },
      (payload, done) => done(null, { id: payload.sub }),
    )
    return new passport.Passport().use(strategy).authenticate('jwt', { session: false })
  },

  'aws-jwt-verify': ({ issuer, audience, jwks }) => {
    const verifier = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/jwks` })
    verifier.cacheJwks(jwks)
    return async (req, res, next) => {
      try {
        const [, token = ''] = (req.headers.authorization ?? '').split('Bearer ')
        req.user = await verifier.verify(token)
        next()
      } catch {
        res.sendStatus(401)
      }
    }
  },
}

/** The guard of the MCP SDK, with a verifier of one's own, as it demands. */
export function mcpSdk({ issuer, audience, jwksUri }) {
  const keys = createRemoteJWKSet(new URL(jwksUri))
  return requireBearerAuth({
    verifier: {
      async verifyAccessToken(token) {
        try {
          const { payload } = await jwtVerify(token, keys, { issuer, audience })
          const { client_id: clientId, scope = '', exp: expiresAt } = payload
          return { token, clientId, scopes: scope.split(' '), expiresAt, extra: payload }
        } catch (error) {
          throw new OAuthError(OAuthErrorCode.InvalidToken, error.message)
        }
      },
    },
  })
}

/** For an issuer like Keycloak: it knows realms only. */
export function keycloakConnect({ issuer, audience, jwks }) {
  const [serverUrl, realm] = issuer.split('/realms/')
  const key = createPublicKey({ key: jwks.keys[0], format: 'jwk' })
  const publicKey = key.export({ type: 'spki', format: 'pem' }).split('\n').slice(1, -2).join('')
  const settings = {
    realm,
    'auth-server-url': `${serverUrl}/`,
    resource: audience,
    'bearer-only': true,
    'verify-token-audience': true,
    'realm-public-key': publicKey,
  }
  const keycloak = new Keycloak({}, settings)
  return [...[keycloak.middleware()].flat(), keycloak.protect()]
}
