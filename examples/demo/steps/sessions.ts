import { randomBytes } from 'node:crypto'
import express, { type Express } from 'express'
import {
  authOf,
  clientSecretBasic,
  memoryRevocationStore,
  type AuthEvent,
} from '../../../lib/index.js'
import { memorySessionStore, tokenHandler } from '../../../lib/session.js'
import { openLoginBrowser, type LoginBrowser } from '../../../tools/login-browser.js'
import {
  AUDIENCE,
  CLIENT,
  OTHER_CLIENT,
  startLoginProvider,
} from '../../../tools/login-provider.js'
import { get, post, serve, type HeaderLine } from '../http.js'
import type { Tour } from '../tour.js'
import { invalidToken } from '../told.js'

interface AppOptions {
  readonly app: Express
  readonly url: string
  readonly issuer: string
  readonly client: typeof CLIENT
  readonly onEvent: (event: AuthEvent) => void
}

/** An app whose tokens stay on its server. It has a denylist and sessions of its own. */
function openApp({ app, url, issuer, client, onEvent }: AppOptions): () => void {
  const bff = tokenHandler({
    issuer,
    audience: AUDIENCE,
    clientId: client.id,
    clientAuth: clientSecretBasic(client.secret),
    redirectUri: `${url}/auth/callback`,
    scopes: 'notes:read',
    sessions: memorySessionStore(),
    secrets: [randomBytes(32)],
    revocations: memoryRevocationStore({ clockToleranceSeconds: 0 }),
    onEvent,
  })
  app.use(bff.routes)
  app.get('/api/me', bff.bearer, (req, res) => void res.json({ reader: authOf(req).subject }))
  app.get('/', (_req, res) => void res.send('home'))
  return () => bff.close()
}

function cookieOf(browser: LoginBrowser, url: string): HeaderLine {
  const pairs = [...browser.cookies(url)].map(([name, value]) => `${name}=${value}`)
  return ['Cookie', pairs.join('; ')]
}

/** Two apps at one issuer: one login, and one logout for both. */
export async function sessionSteps(tour: Tour): Promise<void> {
  const [notesApp, calendarApp] = [express(), express()]
  const servers = [await serve(notesApp), await serve(calendarApp)] as const
  const [notes, calendar] = [servers[0].url, servers[1].url]
  const provider = await startLoginProvider({
    redirectUri: `${notes}/auth/callback`,
    logoutUri: `${notes}/auth/backchannel-logout`,
    other: calendar,
  })
  const shared = { issuer: provider.url, onEvent: tour.onEvent }
  const closers = [
    openApp({ ...shared, app: notesApp, url: notes, client: CLIENT }),
    openApp({ ...shared, app: calendarApp, url: calendar, client: OTHER_CLIENT }),
  ]
  const browser = openLoginBrowser()
  const me = (url: string) => async () => get('/api/me', cookieOf(browser, url))

  tour.chapter('Sessions: two apps, one login')
  await browser.follow(`${notes}/auth/login`, 'alice')
  await tour.step({
    what: 'alice, logged in to the notes',
    to: notes,
    request: me(notes),
    told: { status: 200 },
    why: 'her browser holds a cookie; the tokens are on the server',
  })
  await browser.follow(`${calendar}/auth/login`, 'nobody types a name')
  await tour.step({
    what: 'she goes on to the calendar',
    to: calendar,
    request: me(calendar),
    told: { status: 200 },
    why: 'the issuer knew her, and asked for nothing',
  })
  const before = cookieOf(browser, calendar)
  await tour.step({
    what: 'she logs out of the notes',
    to: notes,
    request: post('/auth/logout', cookieOf(browser, notes), ['X-CSRF', '1']),
    told: { status: 200 },
    why: 'and is led on to the issuer, where she confirms it',
  })
  await browser.follow(`${provider.url}/session/end`, 'alice')
  await tour.step({
    what: 'the calendar, with the cookie of before',
    to: calendar,
    request: get('/api/me', before),
    told: invalidToken('session_ended'),
    why: 'the issuer told the calendar by a logout token',
  })
  for (const close of closers) close()
  for (const server of [provider, ...servers]) await server.close()
}
