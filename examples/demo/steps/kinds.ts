import { randomBytes } from 'node:crypto'
import express from 'express'
import {
  authOf,
  clientSecretBasic,
  memoryReplayStore,
  protectedResourceMetadata,
  requireBearer,
  requireStepUp,
} from '../../../lib/index.js'
import { createDpopClient } from '../../../tools/dpop-client.js'
import { AUDIENCE as BANK, startStepUpProvider } from '../../../tools/step-up-provider.js'
import { bearer, get, serve, type HeaderLine } from '../http.js'
import { boundTokenForJob, tokenForJob } from '../login.js'
import { AUDIENCE, JOB, OPAQUE_AUDIENCE } from '../provider.js'
import type { Stage } from '../stage.js'
import { invalidToken } from '../told.js'
import type { Tour } from '../tour.js'

/** Tokens that say nothing, tokens of one holder alone, and logins that are too weak. */
export async function kindSteps(tour: Tour, stage: Stage): Promise<void> {
  await opaqueSteps(tour, stage)
  await boundSteps(tour, stage)
  await stepUpSteps(tour)
}

async function opaqueSteps(tour: Tour, { provider }: Stage): Promise<void> {
  const guard = requireBearer({
    issuer: provider.issuer,
    audience: OPAQUE_AUDIENCE,
    introspection: { clientId: JOB.id, clientAuth: clientSecretBasic(JOB.secret) },
    onEvent: tour.onEvent,
  })
  const app = express().get('/archive', guard, (req, res) => {
    res.json({ reader: authOf(req).clientId })
  })
  const server = await serve(app)
  const { url: to } = server
  const token = await tokenForJob(provider, { scope: 'notes:read', audience: OPAQUE_AUDIENCE })

  tour.chapter('Opaque tokens')
  await tour.step({
    what: 'a token that its issuer alone can read',
    to,
    request: get('/archive', bearer(token)),
    told: { status: 200 },
    why: 'the issuer was asked (RFC 7662), and its answer is remembered for ten seconds',
  })
  await tour.step({
    what: 'a token that somebody invented',
    to,
    request: get('/archive', bearer(`${token.slice(0, -4)}AAAA`)),
    told: invalidToken('inactive_token'),
  })
  guard.close()
  await server.close()
}

async function boundSteps(tour: Tour, { provider }: Stage): Promise<void> {
  const app = express()
  const server = await serve(app)
  const { url: to } = server
  const guard = requireBearer({
    issuer: provider.issuer,
    audience: AUDIENCE,
    origin: to,
    dpop: {
      mode: 'require',
      algorithms: ['ES256'],
      nonce: { secrets: [randomBytes(32)] },
      replay: memoryReplayStore(),
    },
    onEvent: tour.onEvent,
  })
  const metadata = protectedResourceMetadata(guard, { resource: `${to}/vault` })
  app.use(metadata)
  app.get('/vault', guard, (req, res) => void res.json({ reader: authOf(req).clientId }))

  const client = await createDpopClient({ url: `${to}/vault`, clock: () => Date.now() / 1000 })
  const token = await boundTokenForJob(provider, { scope: 'notes:read' }, client)
  const authorization: HeaderLine = ['Authorization', `DPoP ${token}`]
  const challengeOf = (error: string): string =>
    `DPoP realm="api"${error}, resource_metadata="${metadata.url}", algs="ES256"`
  const nonceIn = async (): Promise<string> => {
    const headers = { Authorization: authorization[1], DPoP: await client.proof(token) }
    const answer = await fetch(`${to}/vault`, { headers })
    return answer.headers.get('dpop-nonce') ?? ''
  }

  tour.chapter('Tokens that are bound to a key')
  await tour.step({
    what: 'a client that knows nothing yet',
    to,
    request: get('/vault'),
    told: { status: 401, reason: 'no_credential', challenge: challengeOf('') },
  })
  await tour.step({
    what: 'follows the challenge',
    to,
    request: get(new URL(metadata.url).pathname),
    told: { status: 200 },
    why: 'and learns the issuer, and that tokens must be bound to a key (RFC 9728)',
  })
  await tour.step({
    what: 'a proof without a nonce',
    to,
    request: get('/vault', authorization, ['DPoP', await client.proof(token)]),
    told: {
      status: 401,
      reason: 'nonce_needed',
      challenge: challengeOf(', error="use_dpop_nonce"'),
    },
    why: 'the answer has one, in the header DPoP-Nonce',
  })
  const proof = await client.proof(token, { claims: { nonce: await nonceIn() } })
  await tour.step({
    what: 'a proof with that nonce',
    to,
    request: get('/vault', authorization, ['DPoP', proof]),
    told: { status: 200 },
  })
  await tour.step({
    what: 'the same proof again',
    to,
    request: get('/vault', authorization, ['DPoP', proof]),
    told: {
      status: 401,
      reason: 'replayed_proof',
      challenge: challengeOf(', error="invalid_dpop_proof"'),
    },
  })
  await tour.step({
    what: 'a thief, who has the token and not the key',
    to,
    request: get('/vault', bearer(token)),
    told: {
      status: 401,
      reason: 'bound_token',
      challenge: challengeOf(', error="invalid_token"'),
    },
  })
  guard.close()
  await server.close()
}

async function stepUpSteps(tour: Tour): Promise<void> {
  const bank = await startStepUpProvider('jwt')
  const guard = requireBearer({ issuer: bank.issuer, audience: BANK, onEvent: tour.onEvent })
  const app = express().get('/transfer', guard, requireStepUp({ acr: 'mfa' }), (_req, res) => {
    res.end()
  })
  const server = await serve(app)
  const { url: to } = server
  const browser = bank.openBrowser()
  const weak = await browser.logIn()

  tour.chapter('A login that is too weak')
  await tour.step({
    what: 'alice, who has logged in by a password',
    to,
    request: get('/transfer', bearer(weak.accessToken)),
    told: {
      status: 401,
      reason: 'login_too_weak',
      challenge: 'Bearer realm="api", error="insufficient_user_authentication", acr_values="mfa"',
    },
  })
  const strong = await browser.logIn({ acr_values: 'mfa' })
  await tour.step({
    what: 'logs in again, with what the challenge says (RFC 9470)',
    to,
    request: get('/transfer', bearer(strong.accessToken)),
    told: { status: 200 },
  })
  guard.close()
  await server.close()
  await bank.close()
}
