import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import express from 'express'
import request from 'supertest'
import { requireBearer } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'
import { protectMcp } from 'express-resource-server/mcp'
import { BEFORE, keycloakConnect, mcpSdk } from './before.mjs'

const secondsFromNow = (seconds) => Math.floor(Date.now() / 1000) + seconds

const TOKENS = {
  'a good token': (issuer) => issuer.token(),
  'a token for two APIs': (issuer) => issuer.token({ aud: [issuer.audience, 'https://b.test'] }),
  'an expired token': (issuer) => issuer.expired(),
  'a token for later': (issuer) => issuer.notYetValid(),
  'a token for another API': (issuer) => issuer.wrongAudience(),
  'a token of another issuer': (issuer) => issuer.wrongIssuer(),
  'a token without a signature': (issuer) => issuer.unsigned(),
  'a token signed with the public key as a secret': (issuer) => issuer.algConfusion(),
  'a token signed with an unknown key': (issuer) => issuer.wrongKey(),
  'a text that is no token': () => 'not-a-token',
  'no token': () => undefined,
  // Where packages differ.
  'a token that expired 3 seconds ago': (issuer) => issuer.token({ exp: secondsFromNow(-3) }),
  'a token without exp': (issuer) => issuer.token({ exp: undefined }),
  'an ID token for the same audience': (issuer) => issuer.idToken({ aud: issuer.audience }),
  'a logout token for the same audience': (issuer) => issuer.logoutToken({ aud: issuer.audience }),
}

const NO_EXP = { 'a token without exp': 200 }
const NO_TOLERANCE = { 'a token that expired 3 seconds ago': 401 }
const NO_KINDS = {
  'an ID token for the same audience': 200,
  'a logout token for the same audience': 200,
}
/** Answers of the packages that requireBearer does not give. docs/migrate.md tells of each. */
const DIFFERENCES = {
  'express-jwt and jwks-rsa': { ...NO_EXP, ...NO_TOLERANCE, ...NO_KINDS },
  'express-oauth2-jwt-bearer': NO_KINDS,
  'passport-jwt': { ...NO_EXP, ...NO_TOLERANCE, ...NO_KINDS },
  'aws-jwt-verify': { ...NO_EXP, ...NO_TOLERANCE, ...NO_KINDS },
  'the guard of the MCP SDK': { ...NO_TOLERANCE, ...NO_KINDS },
  'keycloak-connect': {
    // It answers 403 where a token is missing or bad.
    ...Object.fromEntries(
      Object.keys(TOKENS)
        .slice(2)
        .map((title) => [title, 403]),
    ),
    ...NO_EXP,
    'a token for later': 200,
  },
}

const generic = createTestIssuer({ alg: 'RS256' })
await generic.listen()
const jwksUri = `${generic.issuer}/jwks`
const jwks = await (await fetch(jwksUri)).json()
const { issuer, audience } = generic
const keycloak = createTestIssuer({ like: 'keycloak' })

const guards = Object.entries(BEFORE).map(([name, make]) => [
  name,
  generic,
  make({ issuer, audience, jwksUri, jwks }),
])
guards.push(['keycloak-connect', keycloak, keycloakConnect({ ...keycloak.options })])

const mcp = protectMcp({ ...generic.options, resource: 'http://127.0.0.1/mcp' })
guards.push(['the guard of the MCP SDK', generic, mcpSdk({ issuer, audience, jwksUri }), mcp.guard])

for (const [name, tokens, guard, ours = requireBearer(tokens.options)] of guards) {
  describe(name, () => {
    const before = appWith(guard)
    const after = appWith(ours)
    for (const [title, make] of Object.entries(TOKENS)) {
      const was = DIFFERENCES[name]?.[title]
      it(
        was ? `answers ${was} to ${title}, and ours does not` : `answers as ours to ${title}`,
        async () => {
          const token = make(tokens)
          const answers = [await statusOf(before, token), await statusOf(after, token)]
          if (was === undefined) assert.equal(answers[0], answers[1])
          else assert.deepEqual([answers[0], answers[0] === answers[1]], [was, false])
        },
      )
    }
  })
}

for (const [name, was, make = BEFORE[name]] of [
  ['express-jwt and jwks-rsa', 500],
  ['express-oauth2-jwt-bearer', 401],
  ['passport-jwt', 401],
  ['the guard of the MCP SDK', 401, mcpSdk],
]) {
  it(`${name} answers ${was} where it cannot fetch keys, and requireBearer 503`, async () => {
    const out = createTestIssuer({ alg: 'RS256' })
    await out.listen()
    const token = out.token()
    await out.outage('500')
    const guard = make({ issuer: out.issuer, audience, jwksUri: `${out.issuer}/jwks` })
    assert.equal(await statusOf(appWith(guard), token), was)
    assert.equal(await statusOf(appWith(requireBearer(out.options)), token), 503)
  })
}

function appWith(guard) {
  const app = express()
  app.use(guard)
  app.get('/', (_req, res) => void res.sendStatus(200))
  app.use((error, _req, res, _next) => void res.sendStatus(error.status ?? 500))
  return app
}

async function statusOf(app, token) {
  const sent = request(app).get('/')
  return (await (token === undefined ? sent : sent.auth(token, { type: 'bearer' }))).status
}
