import { existsSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import {
  authOf,
  clientSecretBasic,
  memoryRevocationStore,
  type AuthEvent,
} from '../../lib/index.js'
import { memorySessionStore, tokenHandler } from '../../lib/session.js'
import { startGlewlwyd, type Glewlwyd } from '../../tools/real-issuers/glewlwyd.js'
import {
  launchChromium,
  openGlewlwydUser,
  type Browser,
  type GlewlwydUser,
} from '../../tools/real-issuers/glewlwyd-pages.js'
import { hasGlewlwyd } from '../../tools/real-issuers/glewlwyd-server.js'
import { AUDIENCE, SCOPE } from '../../tools/real-issuers/issuer.js'
import { running } from '../../tools/server.js'
import { until } from '../../tools/until.js'
import { SECRET } from '../support/signed-in.js'

const CHROMIUM = '/usr/bin/chromium'
const has = hasGlewlwyd() && existsSync(CHROMIUM)
const withBoth = has ? describe : describe.skip
const skipped = has
  ? ''
  : ' (skipped: install the Debian packages glewlwyd, rnbyc, sqlite3, chromium)'

/** An app with `tokenHandler`, on a host of its own: cookies know no ports. */
interface App {
  readonly origin: string
  readonly events: readonly AuthEvent[]
  close(): Promise<void>
}

async function startApp(glewlwyd: Glewlwyd, id: string): Promise<App> {
  const apps: RequestListener[] = []
  const server = await running(createServer((req, res) => apps[0]?.(req, res)))
  const origin = `http://${id}.localhost:${server.port}`
  const client = { id, secret: `secretOf${id}`, redirectUri: `${origin}/auth/callback` }
  await glewlwyd.addClient({
    ...client,
    // Not every resolver knows the names below "localhost".
    logoutUri: `${server.url}/auth/backchannel-logout`,
    sid: true,
    afterLogout: `${origin}/`,
  })
  const events: AuthEvent[] = []
  const handler = tokenHandler({
    issuer: glewlwyd.url,
    audience: AUDIENCE,
    clientId: id,
    clientAuth: clientSecretBasic(client.secret),
    redirectUri: client.redirectUri,
    scopes: SCOPE,
    loginParameters: { resource: AUDIENCE },
    afterLogout: `${origin}/`,
    allowMissingExp: true,
    sessions: memorySessionStore(),
    secrets: [SECRET],
    revocations: memoryRevocationStore({ clockToleranceSeconds: 0 }),
    onEvent: (event) => events.push(event),
  })
  const host = express().use(handler.routes).use('/api', handler.bearer)
  host.get('/api/me', (req, res) => void res.json({ subject: authOf(req).subject }))
  host.get('/', (_req, res) => void res.send(id))
  apps.push(host)
  return {
    origin,
    events,
    async close() {
      handler.close()
      await server.close()
    },
  }
}

withBoth(`two apps at one glewlwyd, in Chromium${skipped}`, () => {
  let glewlwyd: Glewlwyd
  let browser: Browser
  let notes: App
  let calendar: App

  beforeAll(async () => {
    glewlwyd = await startGlewlwyd({ size: 'RSA2048', alg: 'RS256' })
    notes = await startApp(glewlwyd, 'notes')
    calendar = await startApp(glewlwyd, 'calendar')
    browser = await launchChromium(CHROMIUM)
  }, 120_000)

  afterAll(async () => {
    await browser.close()
    await notes.close()
    await calendar.close()
    await glewlwyd.stop()
  })

  async function statusAt({ page }: GlewlwydUser, { origin }: App): Promise<number> {
    await page.goto(`${origin}/`)
    return (await page.evaluate(`fetch('/api/me').then(({ status }) => status)`)) as number
  }

  async function statuses(user: GlewlwydUser): Promise<readonly number[]> {
    return [await statusAt(user, notes), await statusAt(user, calendar)]
  }

  /** Where the app sends the user on, so that the session at the issuer ends as well. */
  async function logOutAt({ page }: GlewlwydUser, { origin }: App): Promise<string> {
    await page.goto(`${origin}/`)
    const script = `fetch('/auth/logout', { method: 'POST' }).then((answer) => answer.json())`
    return ((await page.evaluate(script)) as { readonly redirect: string }).redirect
  }

  it('share a login, and a logout in one is a logout in the other (BCL-01, BCL-21)', async () => {
    const user = await openGlewlwydUser(browser)
    await user.logIn(`${notes.origin}/auth/login`, 'alice-password')
    expect(await statuses(user)).toEqual([200, 401])
    // The password is typed once; the server asks all the same whether the second app may have tokens.
    await user.logIn(`${calendar.origin}/auth/login`)
    expect(await statuses(user)).toEqual([200, 200])

    const redirect = await logOutAt(user, notes)
    expect(await statuses(user)).toEqual([401, 200])
    await user.confirmLogout(redirect)
    await until(() => {
      expect(calendar.events).toContainEqual(expect.objectContaining({ name: 'logout.received' }))
    })
    expect(await statuses(user)).toEqual([401, 401])
  }, 120_000)

  it('leave the logins of other browsers alone (BCL-19)', async () => {
    const [laptop, phone] = [await openGlewlwydUser(browser), await openGlewlwydUser(browser)]
    for (const user of [laptop, phone]) {
      await user.logIn(`${notes.origin}/auth/login`, 'alice-password')
    }
    await laptop.confirmLogout(await logOutAt(laptop, notes))
    expect([await statusAt(laptop, notes), await statusAt(phone, notes)]).toEqual([401, 200])
  }, 120_000)
})
