import cookieParser from 'cookie-parser'
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import { createVerifier } from 'fast-jwt'
import helmet from 'helmet'
import { createPublicKey } from 'node:crypto'
import { Redis } from 'ioredis'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { answer } from './bare.js'

const BEARER = 'Bearer '

function joseBearer({ issuer, audience, jwksUri, algorithm }) {
  const keys = createRemoteJWKSet(new URL(jwksUri))
  const options = { issuer, audience, algorithms: [algorithm] }
  return async (req, res, next) => {
    const { authorization } = req.headers
    if (!authorization?.startsWith(BEARER)) return res.sendStatus(401)
    try {
      const { payload } = await jwtVerify(authorization.slice(BEARER.length), keys, options)
      req.auth = payload
    } catch {
      return res.sendStatus(401)
    }
    return next()
  }
}

/** One EXISTS a request, as articles on logout teach it. */
function redisDenylist(redis) {
  return async (req, res, next) => {
    if ((await redis.exists(`jti:${req.auth.jti}`)) === 1) return res.sendStatus(401)
    return next()
  }
}

function scope(needed) {
  return (req, res, next) => {
    if (!req.auth.scope.split(' ').includes(needed)) return res.sendStatus(403)
    return next()
  }
}

export function joseByHand(context) {
  const app = express()
  app.use(joseBearer(context))
  app.get('/notes', answer)
  return app
}

export function joseAndRedis(context) {
  const app = express()
  app.use(joseBearer(context))
  app.use(redisDenylist(new Redis(context.redisUrl)))
  app.get('/notes', answer)
  return app
}

/** What many APIs are made of: five packages, each with its own idea of a refusal. */
export function usualSuite(context) {
  const app = express()
  app.use(helmet())
  app.use(cookieParser())
  app.use(rateLimit({ windowMs: 60_000, limit: 1_000_000_000 }))
  app.use(joseBearer(context))
  app.use(redisDenylist(new Redis(context.redisUrl)))
  app.get('/notes', scope('notes:read'), answer)
  return app
}

/**
 * The only peer with a cache of verified tokens. It is given its best case: the key fetched once,
 * before the first request, so that it runs without a promise; it would miss every rotation.
 */
export async function fastJwtCached({ issuer, audience, jwksUri, algorithm }) {
  const { keys } = await (await fetch(jwksUri)).json()
  const jwk = keys.find(({ alg }) => alg === algorithm)
  const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const verify = createVerifier({
    key,
    algorithms: [algorithm],
    allowedIss: issuer,
    allowedAud: audience,
    cache: 10_000,
  })
  const app = express()
  app.use((req, res, next) => {
    const { authorization } = req.headers
    if (!authorization?.startsWith(BEARER)) return res.sendStatus(401)
    try {
      req.auth = verify(authorization.slice(BEARER.length))
    } catch {
      return res.sendStatus(401)
    }
    return next()
  })
  app.get('/notes', answer)
  return app
}
