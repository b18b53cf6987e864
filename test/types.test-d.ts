/**
 * Types are part of the contract: `npm run types` compiling this file is the assertion, and nothing
 * runs it.
 */
import type { webcrypto } from 'node:crypto'
import { type } from 'arktype'
import express from 'express'
import type { JWK } from 'jose'
import * as v from 'valibot'
import { z } from 'zod'
import { authRateLimit, strictCors, tokenCookie } from '../lib/browser.js'
import {
  authOf,
  backChannelLogout,
  csrfGuard,
  defineClaims,
  jtiAllowlist,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  optionalAuthOf,
  requireActor,
  requireAnyPermission,
  requireAnyRole,
  requireAnyScope,
  requireAuthorizationDetails,
  requireBearer,
  requireClaims,
  requirePermission,
  requireRole,
  requireScope,
  requireStepUp,
  RevocationUnavailable,
  securityHeaders,
  type Auth,
  type AuthError,
  type AuthErrorByCode,
  type AuthErrorOptions,
  type BearerOptions,
  type CsrfGuardOptions,
  type GuardOptions,
  type IssuerOptions,
  type Middleware,
  type RefusalStyle,
  type SecurityHeadersOptions,
  type SubjectRevocation,
  type TokenVerifier,
} from '../lib/index.js'
import { redisRevocationStore } from '../lib/redis.js'
import { createVerifier } from '../lib/fetch.js'
import { auth0, entra, keycloak } from '../lib/issuers.js'
import { protectMcp, type McpVerifierExtras } from '../lib/mcp.js'
import type { AnomalyThresholds } from '../lib/metrics.js'
import type { ExchangeClient, ExchangeOptions } from '../lib/session.js'
import { sharedSignals, universalLogout, type SenderOptions } from '../lib/signals.js'
import {
  createTestIssuer,
  testRevocationStore,
  type TestProof,
  type TestSignal,
} from '../lib/testing.js'

const app = express()
const issuer = 'https://id.example.com'
const audience = 'https://api.example.com'
const bearer = requireBearer({ issuer, audience })
const store = memoryRevocationStore()
const tenantClaims = defineClaims(z.object({ tenant: z.string() }))
declare const nodeKey: webcrypto.JsonWebKey
declare const joseKey: JWK

// A guard typed as Express's RequestHandler would widen the parameters of the route for every
// handler after it: `req.params.id` would be `string | string[]`.
for (const guard of [
  bearer,
  jtiAllowlist(store),
  jtiBlocklist(store),
  requireScope('a'),
  requireAnyScope(['a']),
  requireRole('a'),
  requireAnyRole(['a']),
  requirePermission('a'),
  requireAnyPermission(['a']),
  requireClaims({ a: 1 }),
  requireActor({ subject: 'a' }),
  tenantClaims,
  requireStepUp({ acr: 'a' }),
  requireAuthorizationDetails(() => ({ type: 'a' })),
  csrfGuard(),
  securityHeaders(),
  strictCors({ trustedOrigins: [] }),
  authRateLimit('login'),
]) {
  app.get('/users/:id/notes/:note', guard, (req, res) => {
    const id: string = req.params.id
    const note: string = req.params.note
    // @ts-expect-error the route has no such parameter
    const other: keyof typeof req.params = 'other'
    res.json({ id, note, other })
  })
}
app.get('/users/:id', bearer, jtiBlocklist(store), requireScope('a'), (req, res) => {
  const id: string = req.params.id
  const auth: Auth = authOf(req)
  const subject: string | undefined = auth.subject
  res.json({ id, subject })
})
app.post('/users/:id/logout', bearer, logout(store))
app.post('/logout', backChannelLogout(store, { issuer, clientId: 'notes-app' }))
export const guards: readonly Middleware[] = [bearer, requireScope('a'), requireScope('a', 'b')]

// Nobody may change the claims of a token.
app.get('/', bearer, (req, res) => {
  const auth = authOf(req)
  // @ts-expect-error read-only
  auth.subject = 'root'
  // @ts-expect-error no Set that could be added to
  const scopes: Set<string> = auth.scopes
  res.json([...scopes])
})

// Claims are what a schema says, of whatever library, or what the app says of them.
app.get('/', bearer, tenantClaims, (req, res) => {
  const fromZod: string = tenantClaims.of(req).tenant
  const fromValibot: number = defineClaims(v.object({ a: v.number() })).of(req).a
  const fromArktype: boolean = defineClaims(type({ a: 'boolean' })).of(req).a
  const asserted: string = authOf<{ tenant: string }>(req).claims.tenant
  const perhaps: string | undefined = optionalAuthOf<{ tenant: string }>(req)?.claims.tenant
  // @ts-expect-error no such claim
  const other: unknown = tenantClaims.of(req).tier
  // @ts-expect-error unknown, where nobody says what it is
  const unsaid: string = authOf(req).claims['tenant']
  // @ts-expect-error read-only
  authOf<{ tenant: string }>(req).claims.tenant = 'another'
  res.json({ fromZod, fromValibot, fromArktype, asserted, perhaps, other, unsaid })
})
// @ts-expect-error no schema
defineClaims({ tenant: 'string' })

// Refusals are told apart by their code, and a switch over it can be complete.
export function explain(error: AuthErrorByCode): string {
  switch (error.code) {
    case 'no_credential':
    case 'invalid_token':
    case 'insufficient_user_authentication':
    case 'invalid_dpop_proof':
    case 'use_dpop_nonce': {
      const status: 401 = error.status
      return `log in: ${status} ${error.challenge.length}`
    }
    case 'insufficient_scope': {
      const status: 403 = error.status
      return `ask for ${error.scopes.join(' ')}: ${status}`
    }
    case 'temporarily_unavailable': {
      const family: 'dependency' = error.family
      return `${family}: again in ${error.retryAfterSeconds}`
    }
    case 'too_many_requests':
    case 'invalid_request':
    case 'login_failed':
      return error.message
    case 'csrf_cross_site':
    case 'csrf_origin_mismatch':
    case 'csrf_origin_missing':
    case 'csrf_header_missing':
    case 'csrf_token_missing':
    case 'csrf_token_invalid':
      return 'a foreign page'
    default: {
      const none: never = error
      return none
    }
  }
}
requireBearer({ issuer, audience, onRefuse: (error, _req, res) => res.end(explain(error)) })
requireBearer({ issuer, audience, onRefuse: (error: AuthError, _req, _res, next) => next(error) })

// Behind `optional`, there may be nobody.
app.get('/', requireBearer({ issuer, audience, optional: true }), (req, res) => {
  const auth: Auth | undefined = optionalAuthOf(req)
  // @ts-expect-error perhaps undefined
  res.json({ subject: optionalAuthOf(req).subject, auth })
})

// A preset is what requireBearer takes, a token cookie what it reads, and a Redis store a store.
requireBearer(auth0({ domain: 'acme.eu.auth0.com', audience }))
requireBearer({ issuer, audience, cookie: tokenCookie() })
logout(redisRevocationStore({ redis: 'redis://127.0.0.1' }), { cookies: [tokenCookie()] })
// @ts-expect-error whose tenant?
entra({ audience })
// @ts-expect-error misspelt
auth0({ domain: 'acme.eu.auth0.com', audiance: audience })
// @ts-expect-error where is it?
redisRevocationStore({})
// @ts-expect-error no such preset
authRateLimit('logins')
// @ts-expect-error whose pages?
strictCors({ credentials: true })

// Each library has a type of its own for JWKs, and all are taken.
requireBearer({ issuer, audience, jwks: { keys: [nodeKey, joseKey, { kty: 'OKP', x: 'a' }] } })

// Whose tokens are taken, and for what, has no default.
// @ts-expect-error without an audience
requireBearer({ issuer })
// @ts-expect-error without an issuer
requireBearer({ audience })
// @ts-expect-error with neither
requireBearer({})
// @ts-expect-error without a client, whose logout tokens are these?
backChannelLogout(store, { issuer })
// @ts-expect-error without an issuer
backChannelLogout(store, { clientId: 'notes-app' })

// A rule of the app refuses by false, or by throwing.
requireBearer({ issuer, audience, validate: (auth) => auth.claims['tenant'] === 'a' })
requireBearer({ issuer, audience, validate: async ({ roles }) => Promise.resolve(roles.has('a')) })
requireBearer({ issuer, audience, validate: (auth) => void auth })
// @ts-expect-error a text would pass, whatever it says
requireBearer({ issuer, audience, validate: () => 'refused' })

// A misspelt check is a hole, so it does not compile.
// @ts-expect-error misspelt
requireBearer({ issuer, audiance: audience })
// @ts-expect-error misspelt
requireBearer({ issuer, audience, clockTolerance: 5 })
// @ts-expect-error misspelt
jtiBlocklist(store, { onUnavailble: 'refuse' })
// @ts-expect-error what weakens must be called by its name
jtiBlocklist(store, { onUnavailable: 'allow' })
// @ts-expect-error an async predicate would let everybody pass
requireClaims(async () => true)
// @ts-expect-error no such scope
logout(store, { scope: 'user' })
// @ts-expect-error misspelt
csrfGuard({ trustedOrigin: ['https://app.example.com'] })
// @ts-expect-error misspelt
backChannelLogout(store, { issuer, clientId: 'notes-app', allowMissingExpiry: true })
// @ts-expect-error an option of access tokens: the audience of a logout token is the client
backChannelLogout(store, { issuer, clientId: 'notes-app', audience })
// @ts-expect-error not a store
jtiBlocklist({})
// @ts-expect-error the factory in place of a store
jtiBlocklist(memoryRevocationStore)

type Optional<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T]
type AllUndefined<T> = { readonly [K in Optional<T>]: undefined }

// Apps compile with `exactOptionalPropertyTypes` too, and write `onEvent: debug ? log : undefined`.
declare const absent: AllUndefined<IssuerOptions> &
  AllUndefined<BearerOptions> &
  AllUndefined<CsrfGuardOptions> &
  AllUndefined<SecurityHeadersOptions> &
  AllUndefined<GuardOptions> &
  AllUndefined<AuthErrorOptions>
export const lenient: readonly [
  Partial<IssuerOptions>,
  BearerOptions,
  CsrfGuardOptions,
  SecurityHeadersOptions,
  GuardOptions,
  Partial<AuthErrorOptions>,
] = [absent, absent, absent, absent, absent, absent]

// Inputs of stores and tests, clients and thresholds take undefined too.
declare const unset: AllUndefined<SubjectRevocation> &
  AllUndefined<ExchangeClient> &
  AllUndefined<ExchangeOptions> &
  AllUndefined<McpVerifierExtras> &
  AllUndefined<AnomalyThresholds> &
  AllUndefined<RefusalStyle> &
  AllUndefined<TestProof> &
  AllUndefined<TestSignal>
export const inputs: readonly [
  SubjectRevocation,
  Partial<ExchangeClient>,
  Partial<ExchangeOptions>,
  Partial<McpVerifierExtras>,
  AnomalyThresholds,
  Partial<RefusalStyle>,
  Partial<TestProof>,
  TestSignal,
] = [unset, unset, unset, unset, unset, unset, unset, unset]
void store.revokeClient({ issuer, clientId: 'a' }, { issuedBefore: undefined })
void store.revokeAll({ issuer, issuedBefore: undefined })
void new RevocationUnavailable('down', { retryAfterSeconds: undefined })
testRevocationStore({ clock: undefined })
createTestIssuer().rotate({ overlap: undefined })
// @ts-expect-error who is left undefined by an unset variable would be anybody
requireActor({ subject: 'a', clientId: undefined })

// One source of keys: which others stand beside it is told when a file is compiled, as at construction.
const jwks = { keys: [joseKey] }
const secret = new Uint8Array(32)
const place = 'https://id.example.com/jwks'
const fetchKeys = async (): Promise<unknown> => jwks
for (const options of [
  { issuer, audience, discoveryUrl: place },
  { issuer, audience, jwksUri: new URL(place), keyCache: { ttlSeconds: 60 } },
  { issuer, audience, jwks },
  { issuer, audience, jwks: () => jwks, keyCache: { ttlSeconds: 60 } },
  { issuer, audience, secret },
  { issuer, audience, fetchKeys },
  { issuer, audience, jwksUri: place, fetchKeys },
] satisfies readonly IssuerOptions[]) {
  requireBearer(options)
  requireBearer({ issuers: [options] })
}
// @ts-expect-error two places
requireBearer({ issuer, audience, discoveryUrl: place, jwksUri: place })
// @ts-expect-error keys beside a place
requireBearer({ issuer, audience, jwksUri: place, jwks })
// @ts-expect-error a secret beside public keys: an attacker would sign with what is public
requireBearer({ issuer, audience, jwks, secret })
// @ts-expect-error a secret beside a place
createVerifier({ issuer, audience, discoveryUrl: place, secret })
// @ts-expect-error nothing is fetched
requireBearer({ issuer, audience, secret, fetchKeys })
// @ts-expect-error nothing is fetched
requireBearer({ issuer, audience, jwks, fetchKeys })
// @ts-expect-error in a list as well
requireBearer({ issuers: [{ issuer, audience, jwks, secret }] })
// @ts-expect-error beside the place that a preset may not name
keycloak({ baseUrl: issuer, realm: 'a', audience, jwks, secret })
// @ts-expect-error for logout tokens as well
backChannelLogout(store, { issuer, clientId: 'a', jwks, secret })
// @ts-expect-error for MCP servers as well
protectMcp({ resource: audience, issuer, jwks, jwksUri: place })
for (const options of [
  { issuer, audience },
  { issuer, audience, discoveryUrl: place },
  { issuer, audience, jwksUri: place, fetchKeys },
  { issuer, audience, jwks },
] satisfies readonly SenderOptions[]) {
  sharedSignals(store, { ...options, authorization: 'Bearer a' })
  universalLogout(store, { ...options, clientId: 'a' })
}
// @ts-expect-error for security events as well
sharedSignals(store, { issuer, audience, jwks, jwksUri: place })
// @ts-expect-error nothing is fetched
sharedSignals(store, { issuer, audience, jwks, fetchKeys })
// @ts-expect-error senders have keys, and no secret
sharedSignals(store, { issuer, audience, secret })
// @ts-expect-error for a universal logout as well
universalLogout(store, { issuer, audience, discoveryUrl: place, jwksUri: place })
// @ts-expect-error senders have keys, and no secret
universalLogout(store, { issuer, audience, secret })
// @ts-expect-error the options of a preset may hold another source; this throws at construction as well
requireBearer({ ...(auth0({ domain: 'a.auth0.com', audience }) satisfies IssuerOptions), jwks })
requireBearer(auth0({ domain: 'a.auth0.com', audience, jwks }))
requireBearer({ ...auth0({ domain: 'a.auth0.com', audience }), optional: true, validate() {} })

// One place for whom it trusts.
declare const verifier: TokenVerifier
requireBearer({ verifier, realm: 'a' })
// @ts-expect-error an issuer beside a list of them
requireBearer({ issuer, audience, issuers: [{ issuer, audience }] })
// @ts-expect-error a verifier of the app's own judges tokens alone
requireBearer({ issuer, audience, verifier })
