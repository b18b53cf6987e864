import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openLoginBrowser, type LoginBrowser } from '../../../tools/login-browser.js'
import { memoryRevocationStore } from '../../../lib/index.js'
import { startBff, type Bff } from '../../support/signed-in.js'

const COOKIE = '__Host-Http-session'

let bff: Bff

beforeAll(async () => {
  bff = await startBff()
})

afterAll(() => bff.close())

async function statusOf(browser: LoginBrowser, cookie?: string): Promise<number> {
  const headers = cookie === undefined ? {} : { cookie: `${COOKIE}=${cookie}` }
  const asking = cookie === undefined ? browser : openLoginBrowser()
  return (await asking.visit(`${bff.app.url}/api/me`, { headers })).status
}

/** Without a form to fill in: the issuer still knows who that is. */
async function logInAgain(browser: LoginBrowser): Promise<void> {
  const { text } = await browser.follow(`${bff.app.url}/auth/login`, 'nobody types this name')
  expect(text).toBe('home')
}

async function logOutHere(browser: LoginBrowser): Promise<URL> {
  const { text } = await browser.visit(`${bff.app.url}/auth/logout`, { method: 'POST' })
  return new URL((JSON.parse(text) as { readonly redirect: string }).redirect)
}

function cookieOf(browser: LoginBrowser): string {
  return browser.cookies(bff.app.url).get(COOKIE) ?? ''
}

describe('a login in the session that the issuer still has, with the same sid', () => {
  it('is good after a logout here alone, and the session before stays ended', async () => {
    const browser = await bff.logIn('alice')
    const before = cookieOf(browser)
    await logOutHere(browser)
    expect(await statusOf(browser)).toBe(401)
    await logInAgain(browser)
    const me = await browser.visit(`${bff.app.url}/api/me`)
    expect([me.status, JSON.parse(me.text)]).toEqual([200, { subject: 'alice' }])
    expect(await statusOf(browser, before)).toBe(401)
  })

  it('is good after the user declined to log out at the issuer as well', async () => {
    const browser = await bff.logIn('bob')
    const page = await browser.visit(await logOutHere(browser), { from: 'cross-site' })
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const action = /action="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const form = new URLSearchParams({ xsrf })
    await browser.visit(new URL(action, page.url), { form, from: 'same-origin' })
    await browser.follow(`${bff.app.url}/auth/login`, 'bob')
    expect(await statusOf(browser)).toBe(200)
  })

  it('ends with all that came before it when the issuer ends the session', async () => {
    const browser = await bff.logIn('carol')
    const first = cookieOf(browser)
    // Only a copy of the first cookie is left of it: the login replaces a session that the browser has.
    const other = await bff.logIn('carol')
    await logOutHere(browser)
    await logInAgain(browser)
    await browser.follow(`${bff.provider.url}/session/end`, 'carol')
    expect([await statusOf(browser), await statusOf(browser, first)]).toEqual([401, 401])
    expect(await statusOf(other)).toBe(200)
    await browser.follow(`${bff.app.url}/auth/login`, 'carol')
    expect(await statusOf(browser)).toBe(200)
  })
})

describe('logins that replace each other without end', () => {
  it('fill no more of the denylist than the share of their user', async () => {
    const revocations = memoryRevocationStore({ maxEntries: 100, clockToleranceSeconds: 0 })
    const small = await startBff({ revocations })
    try {
      const browser = await small.logIn('mallory')
      const first = browser.cookies(small.app.url).get(COOKIE) ?? ''
      for (let logins = 0; logins < 4; logins += 1) {
        await browser.follow(`${small.app.url}/auth/login`, 'mallory')
      }
      // One session, and a mark over the user for all others.
      expect(revocations.status().detail).toBe('2 of 100 entries')
      const session = `${small.app.url}/auth/session`
      expect((await browser.visit(session)).status).toBe(200)
      const headers = { cookie: `${COOKIE}=${first}` }
      expect((await openLoginBrowser().visit(session, { headers })).status).toBe(401)
    } finally {
      await small.close()
    }
  })
})
