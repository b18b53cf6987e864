import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { clientSecretBasic } from '../../../lib/index.js'
import {
  openLoginBrowser,
  type BrowserAnswer,
  type LoginBrowser,
} from '../../../tools/login-browser.js'
import { startBff, type Bff } from '../../support/signed-in.js'

let bff: Bff

beforeAll(async () => {
  bff = await startBff()
})

afterEach(() => {
  bff.provider.trouble = undefined
  bff.swap()
})

afterAll(() => bff.close())

function url(path: string): string {
  return bff.app.url + path
}

function isCallback({ pathname }: URL): boolean {
  return pathname === '/auth/callback'
}

/** A login up to the answer of the issuer, which is not followed. */
async function comeBack(browser: LoginBrowser, user = 'alice', query = ''): Promise<URL> {
  const { next } = await browser.follow(url(`/auth/login${query}`), user, isCallback)
  if (next === undefined) throw new Error('The issuer did not answer')
  return next
}

function arrive(browser: LoginBrowser, callback: URL): Promise<BrowserAnswer> {
  return browser.visit(callback, { from: 'cross-site' })
}

function changed(callback: URL, parameters: Readonly<Record<string, string | undefined>>): URL {
  const copy = new URL(callback)
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) copy.searchParams.delete(name)
    else copy.searchParams.set(name, value)
  }
  return copy
}

function lastReason(): unknown {
  return bff.events.findLast(({ name }) => name === 'request.refused')
}

function isSignedIn(browser: LoginBrowser): boolean {
  return browser.cookies(bff.app.url).has('__Host-Http-session')
}

describe('a callback', () => {
  const STATE = 'x'.repeat(43)

  it.each([
    ['without a state', { state: undefined }, 'login_unknown'],
    ['with a state that is not ours', { state: STATE }, 'login_unknown'],
    ['with a state that is none', { state: '../../x' }, 'login_unknown'],
    ['with an empty state', { state: '' }, 'login_unknown'],
    [
      'with the answer of another issuer (LOGIN-04)',
      { iss: 'https://evil.example' },
      'login_refused',
    ],
    [
      'without the issuer, where it always names itself (LOGIN-04)',
      { iss: undefined },
      'login_refused',
    ],
    ['with another code', { code: 'y'.repeat(43) }, 'login_refused'],
    ['without a code', { code: undefined }, 'login_refused'],
    ['with an error (LOGIN-08)', { code: undefined, error: 'access_denied' }, 'login_denied'],
    ['with an error that is none', { code: undefined, error: '<script>' }, 'login_denied'],
  ])('%s is refused, and nobody is logged in', async (_how, parameters, reason) => {
    const browser = openLoginBrowser()
    const callback = await comeBack(browser)
    const { status, headers, text } = await arrive(browser, changed(callback, parameters))
    expect([status, headers['cache-control']]).toEqual([400, 'no-store'])
    expect(text).not.toMatch(/script|evil/)
    expect(lastReason()).toMatchObject({ code: 'login_failed', reason })
    expect(isSignedIn(browser)).toBe(false)
  })

  it('with the state twice is refused', async () => {
    const browser = openLoginBrowser()
    const callback = await comeBack(browser)
    callback.searchParams.append('state', callback.searchParams.get('state') ?? '')
    expect((await arrive(browser, callback)).status).toBe(400)
    expect(lastReason()).toMatchObject({ reason: 'login_unknown' })
  })

  it('that another browser began is refused: nobody is logged in as an attacker (LOGIN-01)', async () => {
    const callback = await comeBack(openLoginBrowser(), 'mallory')
    const victim = openLoginBrowser()
    expect((await arrive(victim, callback)).status).toBe(400)
    expect(lastReason()).toMatchObject({ reason: 'login_unknown' })
    expect(isSignedIn(victim)).toBe(false)
  })

  it('with the code of another login is refused: PKCE and nonce tie it to its own (LOGIN-02, LOGIN-03)', async () => {
    const browser = openLoginBrowser()
    const first = await comeBack(browser)
    const stolen = await comeBack(openLoginBrowser(), 'mallory')
    const mixed = changed(first, { code: stolen.searchParams.get('code') ?? '' })
    expect((await arrive(browser, mixed)).status).toBe(400)
    expect(lastReason()).toMatchObject({ reason: 'login_refused' })
  })

  it('is good once: sent again it is refused, and the first login stays', async () => {
    const browser = openLoginBrowser()
    const callback = await comeBack(browser)
    const cookies = [...browser.cookies(bff.app.url)].map(([name, value]) => `${name}=${value}`)
    expect((await arrive(browser, callback)).status).toBe(200)
    const again = await browser.visit(callback, {
      from: 'cross-site',
      headers: { cookie: cookies.join('; ') },
    })
    expect(again.status).toBe(400)
    expect(lastReason()).toMatchObject({ reason: 'login_replayed' })
    expect((await browser.visit(url('/api/me'))).status).toBe(200)
  })

  it('that is sent twice at once logs in once, and reaches the issuer once (LOGIN-06)', async () => {
    const browser = openLoginBrowser()
    const callback = await comeBack(browser)
    const before = bff.provider.asked.get('/token') ?? 0
    const answers = await Promise.all([arrive(browser, callback), arrive(browser, callback)])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400])
    expect(bff.provider.asked.get('/token')).toBe(before + 1)
    expect((await browser.visit(url('/api/me'))).status).toBe(200)
  })

  it('of each of two tabs that log in at once is good', async () => {
    const browser = openLoginBrowser()
    const one = await comeBack(browser, 'alice', '?return_to=/one')
    const other = await comeBack(browser, 'alice', '?return_to=/other')
    expect((await arrive(browser, other)).next?.pathname).toBe('/other')
    expect((await arrive(browser, one)).next?.pathname).toBe('/one')
    expect((await browser.visit(url('/api/me'))).status).toBe(200)
  })

  it('after more than ten minutes is refused', async () => {
    const browser = openLoginBrowser()
    const callback = await comeBack(browser)
    bff.swap({ clock: () => Date.now() / 1000 + 601 })
    expect((await arrive(browser, callback)).status).toBe(400)
    expect(lastReason()).toMatchObject({ reason: 'login_unknown' })
  })

  it('shows a person what happened, with a way to begin again', async () => {
    const { status, text } = await openLoginBrowser().visit(url('/auth/callback?state=x'), {
      from: 'cross-site',
    })
    expect(status).toBe(400)
    expect(text).toContain('<a href="/auth/login">')
  })

  it('waits for nobody who begins login after login: four cookies are the most', async () => {
    const browser = openLoginBrowser()
    for (let logins = 0; logins < 7; logins += 1) await browser.visit(url('/auth/login'))
    expect(browser.cookies(bff.app.url).size).toBe(4)
  })
})

describe('an outage during a login', () => {
  it.each([
    ['answers 500', 500],
    ['answers what is no JSON', 200],
  ])('of an issuer that %s is 503 at the callback, and logs nobody in', async (_how, status) => {
    const browser = openLoginBrowser()
    const callback = await comeBack(browser)
    bff.provider.trouble = async (path) => (path === '/token' ? status : undefined)
    const answer = await arrive(browser, callback)
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1'])
    expect(lastReason()).toMatchObject({ reason: 'issuer_unavailable' })
    expect(isSignedIn(browser)).toBe(false)
  })

  it('of an issuer whose metadata cannot be had is 503 at the login, and passes', async () => {
    bff.swap()
    bff.provider.trouble = async () => 500
    const { status } = await openLoginBrowser().visit(url('/auth/login'), { from: 'none' })
    expect(status).toBe(503)
    bff.provider.trouble = undefined
    expect((await openLoginBrowser().visit(url('/auth/login'))).status).toBe(303)
  })

  it('where the issuer refuses our own credentials is 503, not the fault of the user', async () => {
    const browser = openLoginBrowser()
    bff.swap({ clientAuth: clientSecretBasic('another secret than that of the client') })
    const callback = await comeBack(browser)
    expect((await arrive(browser, callback)).status).toBe(503)
    expect(lastReason()).toMatchObject({
      reason: 'issuer_unavailable',
      detail: expect.stringMatching(/it refuses our .*clientSecretPost/),
    })
    expect(JSON.stringify(bff.events)).not.toContain('another secret')
  })
})

describe('the address to return to', () => {
  it.each(['/notes', '/notes?q=a%20b', '/', '/a/../b'])('may be %s (LOGIN-09)', async (path) => {
    const browser = openLoginBrowser()
    const query = `?return_to=${encodeURIComponent(path)}`
    const { next } = await arrive(browser, await comeBack(browser, 'alice', query))
    expect(next?.href).toBe(new URL(path, bff.app.url).href)
  })

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    '\u00A0//evil.example',
    '/%5cevil.example\u0000',
    'evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '///evil.example',
    '/../\\evil.example',
    './/evil.example',
    '',
    `/${'x'.repeat(1100)}`,
  ])('is refused as %j (LOGIN-09)', async (path) => {
    const query = `?return_to=${encodeURIComponent(path)}`
    const { status, headers } = await openLoginBrowser().visit(url(`/auth/login${query}`))
    expect([status, headers['set-cookie']]).toEqual([400, undefined])
    expect(lastReason()).toMatchObject({ reason: 'foreign_return_url' })
  })
})
