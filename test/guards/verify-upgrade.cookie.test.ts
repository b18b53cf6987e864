import { describe, expect, it } from '@jest/globals'
import { csrfGuard } from '../../lib/index.js'
import { greeting, rawAnswer, socketTests, type Headers } from '../support/socket-api.js'

const sockets = socketTests()
const OWN = 'https://app.test'
const COOKIE = { name: '__Host-token', origin: OWN, trustedOrigins: ['https://admin.test'] }

describe('a handshake with the token in a cookie', () => {
  it.each([
    ['a page of ours', { origin: OWN }, ['hello ada', 'hello ada']],
    ['a page of a trusted origin', { origin: 'https://admin.test' }, ['hello ada', 'hello ada']],
    [
      'a page of ours, by Fetch Metadata',
      { origin: OWN, 'sec-fetch-site': 'same-origin' },
      ['hello ada', 'hello ada'],
    ],
    ['another page', { origin: 'https://evil.test' }, [403, 'csrf_origin_mismatch']],
    ['a page without an origin', { origin: 'null' }, [403, 'csrf_origin_mismatch']],
    ['our origin over http', { origin: 'http://app.test' }, [403, 'csrf_origin_mismatch']],
    ['another port', { origin: 'https://app.test:8443' }, [403, 'csrf_origin_mismatch']],
    [
      'another page, by Fetch Metadata',
      { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
      [403, 'csrf_cross_site'],
    ],
    [
      'a sibling subdomain',
      { origin: 'https://x.app.test', 'sec-fetch-site': 'same-site' },
      [403, 'csrf_cross_site'],
    ],
    ['nobody in particular', {}, [403, 'csrf_origin_missing']],
  ])('from %s: %p', async (_case, headers, expected) => {
    const api = await sockets.start([], { cookie: COOKIE })
    const sent = { ...(await sockets.asCookie({ sub: 'ada' })), ...(headers as Headers) }
    const answer = await greeting(api, sent)
    const { reason } = (api.last.error ?? { reason: answer }) as { reason: unknown }
    expect([answer, reason]).toEqual(expected)
  })

  it('is judged alike where a proxy adds the token in a header of its own', async () => {
    const header = { name: 'x-proxy-token', origin: OWN, isolateReads: false }
    const api = await sockets.start([], { header })
    const cookie = (await sockets.asCookie({ sub: 'ada' }))['cookie']!
    const token = cookie.slice(cookie.indexOf('=') + 1)
    expect(await greeting(api, { 'x-proxy-token': token, origin: OWN })).toBe('hello ada')
    expect(await greeting(api, { 'x-proxy-token': token, origin: 'https://evil.test' })).toBe(403)
    expect(await greeting(api, { 'x-proxy-token': token })).toBe(403)
  })

  it.each([true, false])('is not let in by isolateReads: %p', async (isolateReads) => {
    const api = await sockets.start([], { cookie: { ...COOKIE, isolateReads } })
    const sent = { ...(await sockets.asCookie()), origin: 'https://evil.test' }
    expect(await greeting(api, sent)).toBe(403)
  })

  it.each(['WebSocket', 'websocket, foo', 'foo, websocket/13'])(
    'is one whatever the spelling of its Upgrade (%s)',
    async (upgrade) => {
      const api = await sockets.start([], { cookie: COOKIE })
      const cookie = (await sockets.asCookie())['cookie']!
      const lines = [`Upgrade: ${upgrade}`, 'Connection: Upgrade', `Cookie: ${cookie}`]
      expect(await rawAnswer(api, [...lines, 'Origin: https://evil.test'])).toMatch(
        /^HTTP\/1\.1 403/,
      )
    },
  )

  it('passes csrfGuard by its origin, also where requests need a proof', async () => {
    const guard = csrfGuard({ origin: OWN, mode: 'header' })
    const api = await sockets.start([guard], { cookie: COOKIE })
    expect(await greeting(api, { ...(await sockets.asCookie({ sub: 'a' })), origin: OWN })).toBe(
      'hello a',
    )
  })

  it('is judged by csrfGuard too, with whatever cookie', async () => {
    const guard = csrfGuard({ origin: OWN })
    const other = await sockets.start([guard], {
      cookie: { ...COOKIE, trustedOrigins: ['https://b.test'] },
    })
    expect(await greeting(other, { ...(await sockets.asCookie()), origin: 'https://b.test' })).toBe(
      403,
    )
  })
})
