import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { csrfGuard } from '../../lib/index.js'
import { openLoginBrowser, type LoginBrowser } from '../../tools/login-browser.js'
import { startBff, type Bff } from '../support/signed-in.js'

const SESSION = '__Host-Http-session'

let bff: Bff
let browser: LoginBrowser
const seen: string[] = []

beforeAll(async () => {
  bff = await startBff({
    behind(app) {
      app.use('/api/strict', csrfGuard({ mode: 'header' }))
      app.post('/api/strict', (_req, res) => void res.status(201).end())
    },
  })
  browser = openLoginBrowser()
  await browser.follow(`${bff.app.url}/auth/login`, 'alice', (next) => {
    seen.push(next.href)
    return false
  })
})

afterAll(() => bff.close())

async function post(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return (await browser.visit(`${bff.app.url}${path}`, { method: 'POST', headers })).status
}

function isCallback({ pathname }: URL): boolean {
  return pathname === '/auth/callback'
}

/** Of the session cookie, as a login sets it. */
async function attributes(): Promise<readonly string[]> {
  const other = openLoginBrowser()
  const { next } = await other.follow(`${bff.app.url}/auth/login`, 'bob', isCallback)
  const { headers } = await other.visit(next ?? '', { from: 'cross-site' })
  const line = headers['set-cookie']?.find((cookie) => cookie.startsWith(SESSION))
  return line?.split('; ').slice(1) ?? []
}

describe('a backend for frontends (RFC 10017 §6.1)', () => {
  it.each([
    ['Secure (10017-01)', 'Secure'],
    ['HttpOnly (10017-02)', 'HttpOnly'],
    ['SameSite=Strict (10017-03)', 'SameSite=Strict'],
    ['Path=/ (10017-04)', 'Path=/'],
  ])('sets its session cookie with %s', async (_name, attribute) => {
    expect(await attributes()).toContain(attribute)
  })

  it('sets no Domain, and a name that binds the cookie to its host (10017-05, 10017-06)', async () => {
    expect((await attributes()).filter((part) => /domain/i.test(part))).toEqual([])
    expect([...browser.cookies(bff.app.url).keys()]).toEqual([SESSION])
  })

  it('keeps every token from the browser: cookies, pages and addresses hold none (10017-07, 10017-17)', async () => {
    const { text } = await browser.visit(`${bff.app.url}/auth/session`)
    const { text: me } = await browser.visit(`${bff.app.url}/api/me`)
    const own = seen.filter((url) => url.startsWith(bff.app.url))
    const all = [text, me, ...own, ...browser.cookies(bff.app.url).values()].join('\n')
    // "{" in base64url and a dot, as each JWT begins, and the names under which tokens are sent.
    expect(all).not.toMatch(/eyJ[\w-]+\.|access_token|refresh_token|id_token/)
  })

  it.each([
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of a sibling subdomain (10017-11)', { 'sec-fetch-site': 'same-site' }],
    [
      'a form of another site in an old browser',
      { 'sec-fetch-site': '', origin: 'https://evil.example' },
    ],
    ['a sandboxed frame', { 'sec-fetch-site': '', origin: 'null' }],
    ['whatever names no origin', { 'sec-fetch-site': '' }],
    [
      'a script of another site that needs no preflight (10017-10)',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'content-type': 'text/plain' },
    ],
  ])('refuses an unsafe request by %s (10017-08, COOK-09)', async (_who, headers) => {
    for (const path of ['/api/notes', '/auth/logout', '/auth/refresh']) {
      expect([path, await post(path, headers)]).toEqual([path, 403])
    }
  })

  it('takes an unsafe request of its own pages (10017-08)', async () => {
    expect(await post('/api/notes', {})).toBe(201)
  })

  it('can ask for a header of its own with each unsafe request (10017-09)', async () => {
    expect(await post('/api/strict', {})).toBe(403)
    expect(await post('/api/strict', { 'x-csrf': '1' })).toBe(201)
  })
})
