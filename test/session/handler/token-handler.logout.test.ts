import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Auth } from '../../../lib/index.js'
import { openLoginBrowser, type LoginBrowser } from '../../../tools/login-browser.js'
import { startBff, type Bff } from '../../support/signed-in.js'

const COOKIE = '__Host-Http-session'

let bff: Bff

beforeAll(async () => {
  bff = await startBff()
})

afterAll(() => bff.close())

async function statusOf(browser: LoginBrowser): Promise<number> {
  return (await browser.visit(`${bff.app.url}/api/me`)).status
}

function lastReason(): unknown {
  return bff.events.findLast(({ name }) => name === 'request.refused')
}

describe('a logout', () => {
  it('at the issuer ends the session here by back channel, and no other of the user (BCL-19)', async () => {
    const [laptop, phone] = [await bff.logIn('alice'), await bff.logIn('alice')]
    await laptop.follow(`${bff.provider.url}/session/end`, 'alice')
    expect([await statusOf(laptop), await statusOf(phone)]).toEqual([401, 200])
    expect(lastReason()).toMatchObject({ reason: 'session_ended' })
    expect(bff.events).toContainEqual(
      expect.objectContaining({ name: 'session.ended', by: 'denylist' }),
    )
    expect(JSON.stringify(bff.events)).not.toMatch(/alice|eyJ[\w-]+\./)
  })

  it('at the issuer is taken by each algorithm that access tokens are, where none is named', async () => {
    const own = await startBff({ options: { algorithms: undefined } })
    const browser = await own.logIn('alice')
    await browser.follow(`${own.provider.url}/session/end`, 'alice')
    expect((await browser.visit(`${own.app.url}/api/me`)).status).toBe(401)
    await own.close()
  })

  it('here leads on to the issuer, and from there back to the app (RPL-01)', async () => {
    const browser = await bff.logIn('bob')
    const leaving = await browser.visit(`${bff.app.url}/auth/logout`, {
      from: 'same-origin',
      form: new URLSearchParams(),
    })
    expect([leaving.status, leaving.next?.pathname]).toEqual([200, '/session/end'])
    const { url, text } = await browser.follow(leaving.next ?? '', 'bob')
    expect([url.origin, text]).toEqual([bff.app.url, 'home'])
    // The session at the issuer is over as well: the next login asks for the name.
    const { text: form } = await browser.follow(`${bff.app.url}/auth/login`, 'bob', () => false)
    expect(form).toBe('home')
  })

  it('here ends the access token too, for every API that asks the denylist', async () => {
    const seen: Auth[] = []
    const own = await startBff({ options: { validate: (auth) => void seen.push(auth) } })
    const browser = await own.logIn('alice')
    await browser.visit(`${own.app.url}/api/me`)
    const jar = browser.cookies(own.app.url)
    await browser.visit(`${own.app.url}/auth/logout`, { method: 'POST' })
    expect(await own.revocations.check(seen[0]!)).toEqual({ revoked: true, by: 'token' })
    const again = await openLoginBrowser().visit(`${own.app.url}/api/me`, {
      headers: { cookie: `${COOKIE}=${jar.get(COOKIE)}` },
    })
    expect(again.status).toBe(401)
    await own.close()
  })

  it('returns where the settings say, whatever a request asks for (RPL-02)', async () => {
    const browser = await bff.logIn('alice')
    const evil = encodeURIComponent('https://evil.example/')
    const { text } = await browser.visit(
      `${bff.app.url}/auth/logout?post_logout_redirect_uri=${evil}&return_to=${evil}`,
      { form: new URLSearchParams({ post_logout_redirect_uri: 'https://evil.example/' }) },
    )
    const { redirect } = JSON.parse(text) as { readonly redirect: string }
    const { searchParams } = new URL(redirect)
    expect(searchParams.getAll('post_logout_redirect_uri')).toEqual([`${bff.app.url}/`])
    expect(redirect).not.toContain('evil')
  })

  it('twice is no error', async () => {
    const browser = await bff.logIn('alice')
    for (let clicks = 0; clicks < 2; clicks += 1) {
      const { status } = await browser.visit(`${bff.app.url}/auth/logout`, { method: 'POST' })
      expect(status).toBe(200)
    }
  })

  it('while the issuer is out ends the session all the same', async () => {
    const browser = await bff.logIn('alice')
    const cookie = browser.cookies(bff.app.url).get(COOKIE)
    bff.provider.trouble = async () => 500
    const { status, text } = await browser.visit(`${bff.app.url}/auth/logout`, { method: 'POST' })
    bff.provider.trouble = undefined
    const { redirect } = JSON.parse(text) as { readonly redirect: string }
    expect([status, new URL(redirect, bff.app.url).origin]).toEqual([200, bff.provider.url])
    const again = await openLoginBrowser().visit(`${bff.app.url}/api/me`, {
      headers: { cookie: `${COOKIE}=${cookie}` },
    })
    expect(again.status).toBe(401)
  })

  it('posted by a foreign page ends nothing, though SameSite keeps the cookie from it', async () => {
    const browser = await bff.logIn('alice')
    const { status, headers } = await browser.visit(`${bff.app.url}/auth/logout`, {
      from: 'cross-site',
      form: new URLSearchParams(),
    })
    expect([status, headers['set-cookie']]).toEqual([403, undefined])
    expect(await statusOf(browser)).toBe(200)
  })

  it.each(['GET', 'PUT', 'DELETE'])('by %s is none (RPL-06)', async (method) => {
    const browser = await bff.logIn('alice')
    const { status, headers } = await browser.visit(`${bff.app.url}/auth/logout`, { method })
    expect([status, headers.allow]).toEqual([405, 'POST'])
    expect(await statusOf(browser)).toBe(200)
  })

  it('clears the cookie with the attributes it was set with, else browsers keep it (RPL-07)', async () => {
    const browser = await bff.logIn('alice')
    const { headers } = await browser.visit(`${bff.app.url}/auth/logout`, { method: 'POST' })
    expect(headers['set-cookie']).toEqual([
      `${COOKIE}=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict`,
    ])
  })
})
