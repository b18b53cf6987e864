import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { openLoginBrowser } from '../../../tools/login-browser.js'
import { rawRequest } from '../../../tools/server.js'
import { SECRET, startBff, type Bff } from '../../support/signed-in.js'

const NAME = '__Host-Http-session'
const OTHER = 'another secret of the tests, long enough to be one'

let bff: Bff

beforeAll(async () => {
  bff = await startBff()
})

afterEach(() => {
  bff.swap()
})

afterAll(() => bff.close())

async function newCookie(): Promise<string> {
  const browser = await bff.logIn('alice')
  return browser.cookies(bff.app.url).get(NAME) ?? ''
}

async function statusOf(...cookies: readonly string[]): Promise<number> {
  const lines = cookies.map((cookie) => `Cookie: ${cookie}`)
  const { status } = await rawRequest(bff.app.port, lines, 'GET /api/me HTTP/1.1')
  return status
}

function lastReason(): unknown {
  return bff.events.findLast(({ name }) => name === 'request.refused')
}

describe('the session cookie', () => {
  it.each<readonly [how: string, change: (value: string) => readonly string[], status: number]>([
    ['as it was set', (value) => [`${NAME}=${value}`], 200],
    ['among others', (value) => [`a=b; ${NAME}=${value}; c=d`], 200],
    ['cut', (value) => [`${NAME}=${value.slice(0, -4)}`], 401],
    ['cut to its prefix', () => [`${NAME}=v1.`], 401],
    ['empty', () => [`${NAME}=`], 401],
    ['with one character changed', (value) => [`${NAME}=${flipped(value)}`], 401],
    ['twice', (value) => [`${NAME}=${value}; ${NAME}=${value}`], 400],
    ['in two lines', (value) => [`${NAME}=${value}`, `${NAME}=x`], 400],
    ['with characters of no token', () => [`${NAME}="x y"`], 400],
    ['by another name', (value) => [`session=${value}`], 401],
    ['behind a byte that browsers let pass', (value) => [`\u00A0${NAME}=${value}`], 401],
    ['too long', () => [`${NAME}=${'x'.repeat(2000)}`], 400],
  ])('%s is answered as it must be', async (_how, change, status) => {
    expect(await statusOf(...change(await newCookie()))).toBe(status)
  })

  it('of another app, or of a secret that is no longer known, opens nothing', async () => {
    const cookie = await newCookie()
    bff.swap({ secrets: [OTHER] })
    expect(await statusOf(`${NAME}=${cookie}`)).toBe(401)
    expect(lastReason()).toMatchObject({ reason: 'broken_seal' })
  })

  it('opened by the same secret, but sealed for a login, is none', async () => {
    const browser = openLoginBrowser()
    await browser.visit(`${bff.app.url}/auth/login`)
    const [login = ''] = browser.cookies(bff.app.url).values()
    // No longer than a session cookie may be: it is its purpose that is wrong.
    expect(login.length).toBeLessThan(512)
    expect(await statusOf(`${NAME}=${login}`)).toBe(401)
    expect(await statusOf(`${NAME}=${await newCookie()}`)).toBe(200)
  })

  it('of before a change of secrets is good, as long as the old one is listed (10017-07)', async () => {
    const cookie = await newCookie()
    bff.swap({ secrets: [OTHER, SECRET] })
    expect(await statusOf(`${NAME}=${cookie}`)).toBe(200)
  })

  it('is the session id, sealed: the store keeps a digest of it', async () => {
    const [one, other] = [await newCookie(), await newCookie()]
    expect(one).toMatch(/^v1\.[\w-]+$/)
    expect(one).not.toBe(other)
  })
})

function flipped(value: string): string {
  const at = Math.floor(value.length / 2)
  return value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
}
