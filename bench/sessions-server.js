// The server of `npm run bench:sessions`: each candidate on a port of its own, all in one process. It listens
// first, because the issuer must know where users are sent back to.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { createClient } from 'redis'
import { clientSecretBasic } from '../dist/index.js'
import { redisRevocationStore, redisSessionStore } from '../dist/redis.js'
import { tokenHandler } from '../dist/session.js'

const { auth, requiresAuth } = createRequire(import.meta.url)('express-openid-connect')

const SECRET = 'a secret of the measurements, long enough to be one'
const NAMES = ['bare', 'strict', 'replicated', 'connect-redis', 'openid-connect']

const handlers = {}
const origins = {}
for (const name of NAMES) {
  const server = createServer({ keepAliveTimeout: 0 }, (req, res) => handlers[name](req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origins[name] = `http://127.0.0.1:${server.address().port}`
}

function app(...guards) {
  const host = express()
  host.get('/', (_req, res) => void res.send('home'))
  host.get('/notes', ...guards, (_req, res) => void res.json({ notes: [] }))
  return host
}

const signedIn = (req, res, next) => (req.session.user ? next() : res.sendStatus(401))

async function build({ issuer, audience, client, other, redisUrl }) {
  const redis = createClient({ url: redisUrl })
  await redis.connect()
  const sessions = redisSessionStore({ redis: redisUrl })
  for (const mode of ['strict', 'replicated']) {
    const revocations = redisRevocationStore({ redis: redisUrl, mode, onEmpty: 'initialize' })
    await revocations.ready()
    const bff = tokenHandler({
      issuer,
      audience,
      algorithms: ['ES256'],
      clientId: client.id,
      clientAuth: clientSecretBasic(client.secret),
      // The cookie of one is good for the other.
      redirectUri: `${origins.strict}/auth/callback`,
      scopes: 'notes:read',
      sessions,
      secrets: [SECRET],
      revocations,
    })
    handlers[mode] = express().use(bff.routes).use(app(bff.bearer))
  }
  handlers['bare'] = app()

  const bySession = session({
    secret: SECRET,
    resave: false,
    saveUninitialized: false,
    store: new RedisStore({ client: redis }),
  })
  const host = express().use(bySession)
  // As much as a login leaves there: tokens and claims.
  host.get('/auth/login', (req, res) => {
    const token = 'x'.repeat(700)
    req.session.user = { sub: 'alice', accessToken: token, idToken: token, refreshToken: token }
    res.send('home')
  })
  handlers['connect-redis'] = host.use(app(signedIn))

  const login = auth({
    issuerBaseURL: issuer,
    baseURL: origins['openid-connect'],
    clientID: other.id,
    clientSecret: other.secret,
    secret: SECRET,
    authRequired: false,
    idTokenSigningAlg: 'ES256',
    authorizationParams: {
      response_type: 'code',
      response_mode: 'query',
      scope: 'openid notes:read',
    },
    routes: { login: '/auth/login', callback: '/auth/callback' },
  })
  handlers['openid-connect'] = express().use(login).use(app(requiresAuth()))
}

async function obey(order) {
  if (order.build) await build(order.build)
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system, node: process.version })
}

process.on('message', (order) => void obey(order))
process.once('disconnect', () => process.exit())
process.send({ origins })
