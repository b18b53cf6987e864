import { createPublicKey } from 'node:crypto'
import { expressjwt } from 'express-jwt'
import { auth } from 'express-oauth2-jwt-bearer'
import { createVerifier } from 'fast-jwt'
import { Passport } from 'passport'
import { Strategy } from 'passport-http-bearer'
import createIntrospection from 'token-introspection'

const ALGORITHM = 'ES256'
const COOKIE = /(?:^|; )token=([^;]*)/
const tokenIn = (req) => COOKIE.exec(req.headers.cookie)?.[1]

/** Tokens in a cookie: with the key at hand, since fetching it is no part of the cost. */
export function expressJwtOverCookie({ issuer, audience, jwk }) {
  const secret = createPublicKey({ key: jwk, format: 'jwk' })
  return expressjwt({ secret, issuer, audience, algorithms: [ALGORITHM], getToken: tokenIn })
}

/** The quickest that is to be had: it remembers the tokens that it has verified, by a hash. */
export function fastJwtOverCookie({ issuer, audience, jwk }) {
  const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const limits = { algorithms: [ALGORITHM], allowedIss: issuer, allowedAud: audience }
  const verify = createVerifier({ key, cache: true, ...limits })
  return function byHand(req, _res, next) {
    try {
      req.user = verify(tokenIn(req))
    } catch (error) {
      next(error)
      return
    }
    next()
  }
}

/** No package remembers answers: a Map beside the one that asks and the one that reads the header. */
export function passportOverIntrospection({ endpoint, clientId, accessToken }) {
  const ask = createIntrospection({ endpoint, client_id: clientId, access_token: accessToken })
  const known = new Map()
  const passport = new Passport()
  const learned = async (token, done) => {
    try {
      const claims = await ask(token)
      known.set(token, { claims, until: Math.min(claims.exp * 1000, Date.now() + 60_000) })
      done(null, claims)
    } catch (error) {
      done(error)
    }
  }
  const strategy = new Strategy((token, done) => {
    const answer = known.get(token)
    if (answer !== undefined && answer.until > Date.now()) done(null, answer.claims)
    else void learned(token, done)
  })
  passport.use(strategy)
  return passport.authenticate('bearer', { session: false })
}

/** It verifies the token with each request, and takes a proof as often as it is sent. */
export function oauth2JwtBearerWithDpop({ issuer, audience, jwksUri }) {
  return auth({ issuer, audience, jwksUri, tokenSigningAlg: ALGORITHM, dpop: { required: true } })
}
