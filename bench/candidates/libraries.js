import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import { expressjwt } from 'express-jwt'
import Fastify from 'fastify'
import fastifyJwt from '@fastify/jwt'
import buildGetJwks from 'get-jwks'
import jwksRsa from 'jwks-rsa'
import { Passport } from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'
import { answer } from './bare.js'

/** Options of jwks-rsa as its README gives them. */
function jwksRsaOptions({ jwksUri }) {
  return { cache: true, rateLimit: true, jwksRequestsPerMinute: 5, jwksUri }
}

export function oauth2JwtBearer({ issuer, audience, jwksUri, algorithm }) {
  const app = express()
  app.use(auth({ issuer, audience, jwksUri, tokenSigningAlg: algorithm }))
  app.get('/notes', answer)
  return app
}

export function expressJwt(context) {
  const { issuer, audience, algorithm } = context
  const app = express()
  app.use(
    expressjwt({
      secret: jwksRsa.expressJwtSecret(jwksRsaOptions(context)),
      issuer,
      audience,
      algorithms: [algorithm],
    }),
  )
  app.get('/notes', answer)
  return app
}

export function passportJwt(context) {
  const { issuer, audience, algorithm } = context
  const passport = new Passport()
  const options = {
    jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
    secretOrKeyProvider: jwksRsa.passportJwtSecret(jwksRsaOptions(context)),
    issuer,
    audience,
    algorithms: [algorithm],
  }
  passport.use(new Strategy(options, (claims, done) => done(null, claims)))
  const app = express()
  app.use(passport.authenticate('jwt', { session: false }))
  app.get('/notes', answer)
  return app
}

/** Another framework, for reference: a faster host does not make a check cheaper. */
export async function fastifyWithJwt({ issuer, audience, algorithm }) {
  const jwks = buildGetJwks({ issuersWhitelist: [`${issuer}/`] })
  const app = Fastify()
  app.register(fastifyJwt, {
    decode: { complete: true },
    secret: (_request, { header: { kid, alg } }) => jwks.getPublicKey({ kid, alg, domain: issuer }),
    verify: { allowedIss: issuer, allowedAud: audience, algorithms: [algorithm] },
  })
  app.addHook('onRequest', (request) => request.jwtVerify())
  app.get('/notes', async () => ({ ok: true }))
  await app.ready()
  return app.routing.bind(app)
}
