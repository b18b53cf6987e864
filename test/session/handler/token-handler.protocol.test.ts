import { describe, expect, it } from '@jest/globals'
import { openLoginBrowser } from '../../../tools/login-browser.js'
import { startBff } from '../../support/signed-in.js'

describe('the login by tokenHandler', () => {
  it('takes the answer of the issuer by POST as well (LOGIN-07)', async () => {
    const bff = await startBff({ options: { responseMode: 'form_post' } })
    const browser = openLoginBrowser()
    const { next } = await browser.visit(`${bff.app.url}/auth/login`)
    expect(next?.searchParams.get('response_mode')).toBe('form_post')
    const { url, text } = await browser.follow(`${bff.app.url}/auth/login`, 'alice')
    expect([url.pathname, text]).toEqual(['/', 'home'])
    expect((await browser.visit(`${bff.app.url}/api/me`)).status).toBe(200)
    await bff.close()
  })

  it.each([
    ['of another type', { 'content-type': 'application/json' }, '{"state":"x"}'],
    ['of no type', {}, 'state=x'],
    ['without a state', { 'content-type': 'application/x-www-form-urlencoded' }, 'code=x'],
    ['with two states', { 'content-type': 'application/x-www-form-urlencoded' }, 'state=x&state=y'],
    [
      'of 100 kB',
      { 'content-type': 'application/x-www-form-urlencoded' },
      `state=${'x'.repeat(100_000)}`,
    ],
  ])('refuses a form %s', async (_how, headers, body) => {
    const bff = await startBff()
    const { status } = await fetch(`${bff.app.url}/auth/callback`, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: Buffer.from(body),
    })
    expect(status).toBe(400)
    expect(bff.events.at(-1)).toMatchObject({ reason: 'login_unknown' })
    await bff.close()
  })

  it('pushes its parameters where the issuer takes that, so that no URL shows them (LOGIN-05)', async () => {
    const bff = await startBff({ provider: { par: true } })
    const { next } = await openLoginBrowser().visit(`${bff.app.url}/auth/login`)
    const names = [...(next?.searchParams.keys() ?? [])]
    expect(names.toSorted((a, b) => a.localeCompare(b))).toEqual(['client_id', 'request_uri'])
    expect(bff.provider.asked.get('/request')).toBe(1)
    const browser = await bff.logIn('alice')
    expect((await browser.visit(`${bff.app.url}/api/me`)).status).toBe(200)
    await bff.close()
  })

  it('hands on what a page asks of it, and nothing that would change the protocol', async () => {
    const bff = await startBff({ options: { loginParameters: { ui_locales: 'it' } } })
    const query =
      '?acr_values=mfa%20phr&max_age=60&prompt=login&redirect_uri=https://evil.example&scope=admin&prompt2=x'
    const { next } = await openLoginBrowser().visit(`${bff.app.url}/auth/login${query}`)
    expect(Object.fromEntries(next?.searchParams ?? [])).toMatchObject({
      acr_values: 'mfa phr',
      max_age: '60',
      prompt: 'login',
      ui_locales: 'it',
      scope: 'openid notes:read',
      redirect_uri: `${bff.app.url}/auth/callback`,
    })
    await bff.close()
  })

  it.each(['max_age=-1', 'max_age=1e3', 'prompt=none', 'acr_values=%22%5C', 'max_age=999999999'])(
    'leaves out %s',
    async (query) => {
      const bff = await startBff()
      const { next } = await openLoginBrowser().visit(`${bff.app.url}/auth/login?${query}`)
      const [name = ''] = query.split('=')
      expect(next?.searchParams.has(name)).toBe(false)
      await bff.close()
    },
  )

  it.each([
    [
      'img',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    ],
    [
      'frame',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
  ])('is not begun by an %s of a foreign page', async (_what, headers) => {
    const bff = await startBff()
    const { status } = await openLoginBrowser().visit(`${bff.app.url}/auth/login`, { headers })
    expect(status).toBe(403)
    await bff.close()
  })
})
