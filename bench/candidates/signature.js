import { createPublicKey, verify } from 'node:crypto'
import express from 'express'
import { answer } from './bare.js'

/**
 * Bare Express, and one RS256 check of each request's own token: no refusal of a forged token
 * costs less. It believes nothing and refuses nothing.
 */
export async function expressAndSignature({ jwksUri }) {
  const key = await keyFrom(jwksUri)
  const app = express()
  app.use((req, _res, next) => {
    check(tokenOf(req), key)
    next()
  })
  app.get('/notes', answer)
  return app
}

/** The same, with the checks of a tick back to back in warm caches, as this package does them. */
export async function expressAndSignatures({ jwksUri }) {
  const key = await keyFrom(jwksUri)
  let waiting = []
  function flush() {
    const batch = waiting
    waiting = []
    for (const { token } of batch) check(token, key)
    for (const { next } of batch) next()
  }
  const app = express()
  app.use((req, _res, next) => {
    waiting.push({ token: tokenOf(req), next })
    if (waiting.length === 1) setImmediate(flush)
  })
  app.get('/notes', answer)
  return app
}

async function keyFrom(jwksUri) {
  const { keys } = await (await fetch(jwksUri)).json()
  return createPublicKey({ key: keys.find(({ alg }) => alg === 'RS256'), format: 'jwk' })
}

function tokenOf(req) {
  return req.headers.authorization.slice('Bearer '.length)
}

function check(token, key) {
  const end = token.lastIndexOf('.')
  const data = Buffer.from(token.slice(0, end), 'latin1')
  return verify('sha256', data, key, Buffer.from(token.slice(end + 1), 'base64url'))
}
