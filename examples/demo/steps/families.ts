import { randomBytes, randomUUID } from 'node:crypto'
import express from 'express'
import { SignJWT } from 'jose'
import {
  authOf,
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  type AuthEvent,
} from '../../../lib/index.js'
import { memoryFamilyStore, refreshFamilies, type Family } from '../../../lib/session.js'
import { bearer, get, post, serve, type ApiRequest, type RunningServer } from '../http.js'
import type { Tour } from '../tour.js'
import { invalidToken } from '../told.js'

interface Login {
  readonly access: string
  readonly refresh: string
}

interface FamilyApp extends RunningServer {
  logIn(user: string): Promise<Login>
}

/** An app that gives out tokens of its own. */
async function openApp(onEvent: (event: AuthEvent) => void): Promise<FamilyApp> {
  const issuer = 'https://own.example'
  const secret = randomBytes(32)
  const revocations = memoryRevocationStore()
  const secrets = [randomBytes(32)]
  const families = refreshFamilies(memoryFamilyStore(), { issuer, secrets, revocations })

  const accessToken = async ({ subject, sessionId }: Family): Promise<string> =>
    new SignJWT({ sid: sessionId, jti: randomUUID(), sub: subject, iss: issuer, aud: issuer })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(secret)

  const app = express().use(express.urlencoded({ extended: false }))
  app.post('/token', (req, res, next) => {
    const { refresh_token: token } = req.body as { refresh_token: string }
    const answer = async (): Promise<unknown> => {
      const rotated = await families.rotate(token, { clientId: 'app' })
      if (rotated.outcome === 'refused') return res.status(400).json({ error: 'invalid_grant' })
      return res.json({ access: await accessToken(rotated.family), refresh: rotated.token })
    }
    answer().then(undefined, next)
  })
  const guard = requireBearer({ issuer, audience: issuer, secret, onEvent })
  app.get('/notes', guard, jtiBlocklist(revocations), (req, res) => {
    res.json({ reader: authOf(req).subject })
  })
  return {
    ...(await serve(app)),
    async logIn(subject) {
      const login = { subject, clientId: 'app', sessionId: randomUUID() }
      const { token, family } = await families.start(login)
      return { access: await accessToken(family), refresh: token }
    },
  }
}

function refreshing(token: string): ApiRequest {
  const form = ['Content-Type', 'application/x-www-form-urlencoded'] as const
  return { ...post('/token', form), body: new URLSearchParams({ refresh_token: token }).toString() }
}

/** A stolen refresh token ends its login, and the next login is good. */
export async function familySteps(tour: Tour): Promise<void> {
  const app = await openApp(tour.onEvent)
  const { url: to } = app
  const refreshed = async (token: string): Promise<Login> => {
    const { body, ...request } = refreshing(token)
    const headers = Object.fromEntries(request.headers)
    const answer = await fetch(`${to}${request.path}`, {
      method: 'POST',
      headers,
      body: body ?? '',
    })
    return (await answer.json()) as Login
  }

  tour.chapter('A stolen refresh token')
  const first = await app.logIn('alice')
  const second = await refreshed(first.refresh)
  const third = await refreshed(second.refresh)
  await tour.step({
    what: 'alice, whose app has refreshed twice',
    to,
    request: get('/notes', bearer(third.access)),
    told: { status: 200 },
  })
  await tour.step({
    what: 'a thief uses the refresh token of the first hour',
    to,
    request: refreshing(first.refresh),
    told: { status: 400 },
    why: 'it was used before, so one of the two who hold it stole it: the login ends',
  })
  await tour.step({
    what: 'the access token that alice has',
    to,
    request: get('/notes', bearer(third.access)),
    told: invalidToken('revoked'),
  })
  await tour.step({
    what: 'her refresh token',
    to,
    request: refreshing(third.refresh),
    told: { status: 400 },
  })
  const again = await app.logIn('alice')
  await tour.step({
    what: 'she logs in again',
    to,
    request: get('/notes', bearer(again.access)),
    told: { status: 200 },
    why: 'the thief cannot',
  })
  await tour.step({
    what: 'the thief tries once more',
    to,
    request: refreshing(second.refresh),
    told: { status: 400 },
  })
  await app.close()
}
