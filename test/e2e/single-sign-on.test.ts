import { createServer, type RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { authOf, clientSecretBasic, memoryRevocationStore } from '../../lib/index.js'
import { memorySessionStore, tokenHandler, type TokenHandler } from '../../lib/session.js'
import type { LoginBrowser } from '../../tools/login-browser.js'
import { AUDIENCE, OTHER_CLIENT } from '../../tools/login-provider.js'
import { running, type RunningServer } from '../../tools/server.js'
import { SECRET, startBff, type Bff } from '../support/signed-in.js'

let notes: Bff
let calendar: RunningServer
let handler: TokenHandler

beforeAll(async () => {
  const apps: RequestListener[] = []
  calendar = await running(createServer((req, res) => apps[0]?.(req, res)))
  notes = await startBff({ provider: { other: calendar.url } })
  handler = tokenHandler({
    issuer: notes.provider.url,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    clientId: OTHER_CLIENT.id,
    clientAuth: clientSecretBasic(OTHER_CLIENT.secret),
    redirectUri: `${calendar.url}/auth/callback`,
    scopes: 'notes:read',
    sessions: memorySessionStore(),
    secrets: [SECRET],
    revocations: memoryRevocationStore({ clockToleranceSeconds: 0 }),
  })
  const app = express().use(handler.routes).use('/api', handler.bearer)
  app.get('/api/me', (req, res) => void res.json({ subject: authOf(req).subject }))
  app.get('/', (_req, res) => void res.send('calendar'))
  apps.push(app)
})

afterAll(async () => {
  handler.close()
  await notes.close()
  await calendar.close()
})

async function statuses(browser: LoginBrowser): Promise<readonly number[]> {
  const answers = [notes.app.url, calendar.url].map((url) => browser.visit(`${url}/api/me`))
  return (await Promise.all(answers)).map(({ status }) => status)
}

describe('two apps at one issuer', () => {
  it('share a login, and a logout in one is a logout in the other (BCL-01, BCL-21)', async () => {
    const browser = await notes.logIn('alice')
    expect(await statuses(browser)).toEqual([200, 401])
    // The name is not asked for again: "nobody" is never typed.
    await browser.follow(`${calendar.url}/auth/login`, 'nobody')
    expect((await browser.visit(`${calendar.url}/api/me`)).text).toBe('{"subject":"alice"}')
    expect(await statuses(browser)).toEqual([200, 200])

    const { text } = await browser.visit(`${notes.app.url}/auth/logout`, { method: 'POST' })
    const { redirect } = JSON.parse(text) as { readonly redirect: string }
    expect(await statuses(browser)).toEqual([401, 200])
    await browser.follow(redirect, 'alice')
    expect(await statuses(browser)).toEqual([401, 401])
  })

  it('leave the logins of other browsers alone (BCL-19)', async () => {
    const [laptop, phone] = [await notes.logIn('bob'), await notes.logIn('bob')]
    await laptop.follow(`${notes.provider.url}/session/end`, 'bob')
    expect([(await statuses(laptop))[0], (await statuses(phone))[0]]).toEqual([401, 200])
  })
})
