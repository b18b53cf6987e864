import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import { authOf } from '../../../../lib/index.js'
import { createSessionGuard } from '../../../../lib/session/handler/tokens/bearer.js'
import { subjectTokenOf } from '../../../../lib/session/handler/tokens/subject-token.js'
import { exchangeOf, type Exchange } from '../../../support/exchange.js'
import { handlerParts, type HandlerParts } from '../../../support/handler-parts.js'

const PAGE = { host: 'app.test', 'sec-fetch-site': 'same-origin' }

let parts: HandlerParts
beforeEach(() => {
  parts = handlerParts()
})
afterEach(() => parts.close())

interface Guarded extends Exchange {
  /** What the guard called `next` with; empty where it did not. */
  readonly passed: readonly unknown[]
  /** Sessions that the guard told of. */
  readonly used: readonly unknown[]
}

async function guarded(cookie: string, headers: object = {}, method = 'GET'): Promise<Guarded> {
  const exchange = exchangeOf('/', { method, headers: { ...PAGE, cookie, ...headers } })
  const passed: unknown[] = []
  const used: unknown[] = []
  const { context, responder } = parts
  const guard = createSessionGuard(context.reader, responder, (_req, session) => used.push(session))
  await new Promise<void>((resolve) => {
    const end = exchange.res.end.bind(exchange.res)
    exchange.res.end = (chunk?: unknown) => {
      resolve()
      return end(chunk)
    }
    guard(exchange.req, exchange.res, (error) => {
      passed.push(error)
      resolve()
    })
  })
  return { ...exchange, passed, used }
}

describe('the guard of a session', () => {
  it('leaves what requireBearer would leave for the access token', async () => {
    const { accessToken, ...others } = parts.tokens()
    const { req, res, passed, used } = await guarded(await parts.logIn({ accessToken, ...others }))
    expect(passed).toStrictEqual([undefined])
    expect(authOf(req)).toMatchObject({ subject: 'alice', transport: 'cookie' })
    expect(subjectTokenOf(req, authOf(req))).toBe(accessToken)
    expect(JSON.stringify(authOf(req))).not.toContain(accessToken)
    expect(res.getHeader('cache-control')).toBe('no-store')
    expect(used).toMatchObject([{ subject: 'alice' }])
    expect(parts.events.map(({ name }) => name)).toEqual(['session.started', 'bearer.accepted'])
  })

  it.each([
    ['no session', async () => ''],
    ['a cookie that we did not seal', async () => '__Host-Http-session=forged'],
    ['the cookie twice', async () => `${await parts.logIn()}; ${await parts.logIn()}`],
  ])('lets nobody in with %s', async (_what, cookie) => {
    const { req, res, passed } = await guarded(await cookie())
    expect(passed).toEqual([])
    expect(res.statusCode).toBeGreaterThanOrEqual(400)
    expect(() => authOf(req)).toThrow('no requireBearer ran')
    expect(parts.events.at(-1)).toMatchObject({ name: 'request.refused', guard: 'tokenHandler' })
  })

  it('lets no foreign page act for its visitor (RFC 10017 §6.1.3.3)', async () => {
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }
    const { res, passed } = await guarded(await parts.logIn(), foreign, 'POST')
    expect([res.statusCode, passed]).toEqual([403, []])
  })

  it('refuses an access token that is for another API, whoever the issuer gave it to', async () => {
    const accessToken = parts.issuer.token({ sub: 'alice', aud: 'https://other.test' })
    const { res, passed } = await guarded(await parts.logIn(parts.tokens({ accessToken })))
    expect([res.statusCode, passed]).toEqual([401, []])
    expect(parts.events.at(-1)).toMatchObject({ reason: 'wrong_audience' })
    expect(parts.called).toEqual([])
  })

  it('answers 503 where the issuer cannot renew it, and lets in again after', async () => {
    const cookie = await parts.logIn()
    parts.later(301)
    const { refresh } = parts.client
    parts.client.refresh = async () =>
      new AuthError('temporarily_unavailable', { reason: 'issuer_unavailable' })
    expect((await guarded(cookie)).res.statusCode).toBe(503)
    parts.client.refresh = refresh
    await parts.timer.advance(60_000)
    expect((await guarded(cookie)).passed).toStrictEqual([undefined])
  })
})

describe('a session whose issuer does not say how long its access token lives', () => {
  it('gets another one once it proves to be over, and is tried once more', async () => {
    const cookie = await parts.logIn(parts.tokens({ accessExpiresAt: undefined }))
    parts.later(3599)
    expect((await guarded(cookie)).passed).toStrictEqual([undefined])
    expect(parts.called).toEqual([['refresh', 'refresh-1']])
  })

  it('is refused where the other one is over too', async () => {
    const old = parts.tokens({ accessExpiresAt: undefined })
    parts.client.refresh = async () => ({ ...old, refreshToken: 'refresh-2' })
    const cookie = await parts.logIn(old)
    parts.later(3599)
    expect((await guarded(cookie)).res.statusCode).toBe(401)
    expect(parts.called).toEqual([['refresh', 'refresh-1']])
  })
})
