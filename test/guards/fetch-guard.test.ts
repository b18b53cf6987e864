import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { fetchGuard, type FetchGuard, type FetchGuardOptions } from '../../lib/fetch.js'
import type { Auth, AuthEvent, BearerOptions } from '../../lib/index.js'
import { createTestIssuer, type TestClock, type TestIssuer } from '../../lib/testing.js'
import { frozenClock } from '../../tools/api.js'

let issuer: TestIssuer
let clock: TestClock
let events: AuthEvent[]
let guard: FetchGuard

beforeEach(async () => {
  clock = frozenClock()
  events = []
  issuer = createTestIssuer({ clock })
  await issuer.listen()
  guard = create()
})

afterEach(() => guard.close())

function create(options: Partial<BearerOptions> = {}): FetchGuard {
  return fetchGuard({
    ...issuer.options,
    onEvent: (event) => void events.push(event),
    ...options,
  } as FetchGuardOptions)
}

const asked = (headers: Record<string, string> = {}, method = 'GET'): Request =>
  new Request('https://api.test/r', { method, headers })

const bad = (): Request => asked({ authorization: 'Bearer a.b.c' })

/** Status and body of a refusal; the subject of an Auth. */
async function outcome(judged: Promise<Auth | Response>): Promise<unknown> {
  const verdict = await judged
  return verdict instanceof Response ? [verdict.status, await verdict.text()] : verdict.subject
}

describe('fetchGuard', () => {
  it('gives the Auth of a good token, again for a known one', async () => {
    const authorization = `Bearer ${issuer.token({ sub: 'ann' })}`
    const auth = await guard(asked({ authorization }))
    expect(auth).toMatchObject({ subject: 'ann', transport: 'header' })
    expect(await guard(asked({ authorization }))).toBe(auth)
    expect(events.at(-1)).toMatchObject({ name: 'bearer.accepted' })
  })

  it('gives the answer to send, with a challenge', async () => {
    const response = (await guard(asked())) as Response
    expect([response.status, await response.text()]).toEqual([401, '{}'])
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="api"')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('vary')).toBeNull()
    expect(events.at(-1)).toMatchObject({ name: 'request.refused', guard: 'fetchGuard' })
  })

  it('gives HEAD no body, and problem details where they are asked for', async () => {
    expect(await outcome(guard(asked({}, 'HEAD')))).toEqual([401, ''])
    const response = (await guard(asked({ accept: 'application/problem+json' }))) as Response
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })

  it('says when to come back where keys cannot be had', async () => {
    await issuer.outage('refused')
    const authorization = `Bearer ${issuer.token()}`
    const response = (await guard(asked({ authorization }))) as Response
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(response.headers.get('www-authenticate')).toBeNull()
  })

  it('refuses two Authorization lines, which Headers joins into one', async () => {
    const request = asked()
    const token = issuer.token()
    request.headers.append('authorization', `Bearer ${token}`)
    request.headers.append('authorization', `Bearer ${token}`)
    expect(await outcome(guard(request))).toMatchObject([400, /invalid_request/])
  })
})

describe('fetchGuard with a cookie', () => {
  it.each([
    ['a read', 'GET', { 'sec-fetch-site': 'same-origin' }, 'user-1'],
    ['a post of our own page', 'POST', { 'sec-fetch-site': 'same-origin' }, 'user-1'],
    ['a post of another site', 'POST', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a read by another site', 'GET', { 'sec-fetch-site': 'cross-site' }, 403],
    [
      'a post by our own Origin, without Fetch Metadata',
      'POST',
      { origin: 'https://api.test' },
      'user-1',
    ],
    ['a post by a foreign Origin', 'POST', { origin: 'https://evil.test' }, 403],
    ['a post that names no origin', 'POST', {}, 403],
  ] as const)(
    'judges %s by where it came from (CSRF)',
    async (_name, method, headers, expected) => {
      const cookies = create({ cookie: 'at' })
      const cookie = `at=${issuer.token()}`
      const verdict = await outcome(cookies(asked({ ...headers, cookie }, method)))
      expect(Array.isArray(verdict) ? verdict[0] : verdict).toBe(expected)
      cookies.close()
    },
  )

  it('tells caches that the cookie decided, and never falls back to it from a bad header', async () => {
    const cookies = create({ cookie: 'at' })
    const none = (await cookies(asked())) as Response
    expect(none.headers.get('vary')).toMatch(/^Cookie, Origin, Sec-Fetch-Site/)
    const cookie = `at=${issuer.token()}`
    expect(await outcome(cookies(asked({ cookie, authorization: 'Bearer bad' })))).toMatchObject([
      401,
      /invalid/,
    ])
    cookies.close()
  })
})

describe('fetchGuard with a throttle', () => {
  it('counts by the address that it is given, and throws without one', async () => {
    const throttled = create({ throttle: { failuresPerNetwork: 1 } })
    await expect(throttled(bad())).rejects.toThrow(/"throttle".*client/)
    const from = async (client: string): Promise<unknown> =>
      ((await throttled(bad(), { client })) as Response).status
    expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([
      401, 429, 401,
    ])
    throttled.close()
  })
})

describe('fetchGuard: options', () => {
  it.each(['optional', 'onRefuse'])('refuses %s, which only a middleware can do', (name) => {
    expect(() => create({ [name]: name === 'optional' ? true : () => undefined })).toThrow(
      `"${name}"`,
    )
  })
})
