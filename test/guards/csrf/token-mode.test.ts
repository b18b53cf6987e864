import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import type { Auth } from '../../../lib/core/auth/auth.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  createTokenMode,
  type CsrfTokenOptions,
  type TokenMode,
} from '../../../lib/guards/csrf/token-mode.js'
import { setAuthState } from '../../../lib/http/guard/auth-state.js'
import { createResponder } from '../../../lib/http/guard/responder.js'
import { authWith } from '../../support/behind-bearer.js'

const SECRET = 'a secret of more than 32 bytes, for tests'
const SEED = 'AAAAAAAAAAAAAAAAAAAAAA'
const COOKIE = `__Host-Http-csrf_seed=${SEED}`
const check = optionCheck('csrfGuard')

const create = (options: Partial<CsrfTokenOptions> = {}): TokenMode =>
  createTokenMode(check, { secrets: [SECRET], ...options })

interface Sent {
  readonly cookie?: string
  readonly auth?: Auth
  readonly token?: string | undefined
  readonly body?: unknown
}

function exchange({ cookie, auth, token, body }: Sent): {
  req: IncomingMessage
  res: ServerResponse & { locals?: Record<string, unknown> }
} {
  const req = Object.assign(new IncomingMessage(new Socket()), { body })
  if (cookie !== undefined) req.headers.cookie = cookie
  if (token !== undefined) req.headers['x-csrf-token'] = token
  const res = new ServerResponse(req)
  const responder = createResponder(check, {})
  if (auth !== undefined) setAuthState(req, { auth, responder, token: { auth }, res })
  return { req, res }
}

/** A page of this session, and the token in it. */
function page(mode: TokenMode, sent: Sent = {}): { token: string; res: ServerResponse } {
  const { req, res } = exchange(sent)
  mode.prepare(req, res)
  return { token: (res.locals!['csrfToken'] as () => string)(), res }
}

const verdict = (mode: TokenMode, sent: Sent): string =>
  mode.refusal(exchange(sent).req)?.code ?? 'passes'

describe('a token', () => {
  const alice = authWith({ sessionId: 's1' })

  it.each<[string, Sent, Sent, string]>([
    [
      'passes in its session',
      { auth: alice },
      { auth: authWith({ sessionId: 's1', tokenId: 't2' }) },
      'passes',
    ],
    [
      'is of no other session',
      { auth: alice },
      { auth: authWith({ sessionId: 's2' }) },
      'csrf_token_invalid',
    ],
    [
      'is of no other issuer',
      { auth: alice },
      { auth: authWith({ sessionId: 's1', issuer: 'https://other.test' }) },
      'csrf_token_invalid',
    ],
    [
      'goes by the token where there is no session',
      { auth: authWith() },
      { auth: authWith() },
      'passes',
    ],
    [
      'of another token, not',
      { auth: authWith() },
      { auth: authWith({ tokenId: 't2' }) },
      'csrf_token_invalid',
    ],
    ['before login goes by the seed', { cookie: COOKIE }, { cookie: COOKIE }, 'passes'],
    ['without that seed, not', { cookie: COOKIE }, {}, 'csrf_token_invalid'],
    [
      'with two seeds, not',
      { cookie: COOKIE },
      { cookie: `${COOKIE}; ${COOKIE}` },
      'csrf_token_invalid',
    ],
    [
      'with another seed, not',
      { cookie: COOKIE },
      { cookie: COOKIE.replace('=A', '=B') },
      'csrf_token_invalid',
    ],
    [
      'from before login does not pass after it',
      { cookie: COOKIE },
      { cookie: COOKIE, auth: alice },
      'csrf_token_invalid',
    ],
  ])('%s', (_name, made, used, expected) => {
    const mode = create()
    const { token } = page(mode, made)
    expect(verdict(mode, { ...used, token })).toBe(expected)
  })

  it.each<[string, Sent, string]>([
    ['that is missing', {}, 'csrf_token_missing'],
    ['that is empty', { token: '' }, 'csrf_token_missing'],
    ['that is no text in a form', { body: { _csrf: ['x'] } }, 'csrf_token_missing'],
    ['in a body that is no form', { body: 'x' }, 'csrf_token_missing'],
    ['that is made up', { token: 'x' }, 'csrf_token_invalid'],
  ])('%s is refused', (_name, sent, code) => {
    expect(verdict(create(), { cookie: COOKIE, ...sent })).toBe(code)
  })

  it('may come in a form, but the header decides where both are there', () => {
    const mode = create()
    const { token } = page(mode, { cookie: COOKIE })
    const body = { _csrf: token }
    expect(verdict(mode, { cookie: COOKIE, body })).toBe('passes')
    expect(verdict(mode, { cookie: COOKIE, body, token: 'x' })).toBe('csrf_token_invalid')
  })

  it('is refused with the reason of its code', () => {
    const error = create().refusal(exchange({}).req)
    expect(error).toMatchObject({ status: 403, reason: 'csrf_token_missing' })
  })

  it('of an old secret passes while that is listed', () => {
    const { token } = page(create(), { cookie: COOKIE })
    const newer = 'another secret of more than 32 bytes!'
    const sent = { cookie: COOKIE, token }
    expect(verdict(create({ secrets: [newer, SECRET] }), sent)).toBe('passes')
    expect(verdict(create({ secrets: [newer] }), sent)).toBe('csrf_token_invalid')
  })
})

describe('the seed', () => {
  it('is planted once, and only where a token is made for a page', () => {
    const mode = create()
    const { req, res } = exchange({})
    mode.prepare(req, res)
    expect(res.getHeader('Set-Cookie')).toBeUndefined()
    const make = res.locals!['csrfToken'] as () => string
    const tokens = [make(), make()]
    const planted = String(res.getHeader('Set-Cookie'))
    expect(planted).toMatch(/^__Host-Http-csrf_seed=[\w-]{22}; Path=\/; .*Max-Age=86400/)
    expect(planted).toContain('Secure')
    expect(planted).toContain('SameSite=Lax')
    const cookie = planted.split(';')[0]!
    for (const token of tokens) expect(verdict(mode, { cookie, token })).toBe('passes')
  })

  it.each(['', 'short', `${SEED}A`, 'A'.repeat(21).concat('!')])('of %j is none', (seed) => {
    const { res } = page(create(), { cookie: `__Host-Http-csrf_seed=${seed}` })
    expect(res.getHeader('Set-Cookie')).toBeDefined()
  })

  it('is not planted for a session that is known', () => {
    expect(page(create(), { auth: authWith() }).res.getHeader('Set-Cookie')).toBeUndefined()
    expect(page(create(), { cookie: COOKIE }).res.getHeader('Set-Cookie')).toBeUndefined()
  })

  it('keeps what a template engine has in locals', () => {
    const { req, res } = exchange({})
    res.locals = { title: 'Notes' }
    create().prepare(req, res)
    expect(res.locals).toMatchObject({ title: 'Notes', csrfToken: expect.any(Function) })
  })
})

describe('a session of the app', () => {
  const byCookie = create({ bindTo: (req) => req.headers.cookie ?? '' })

  it('is the one that bindTo names', () => {
    const { token } = page(byCookie, { cookie: 'sid=1', auth: authWith() })
    expect(verdict(byCookie, { cookie: 'sid=1', token })).toBe('passes')
    expect(verdict(byCookie, { cookie: 'sid=2', token })).toBe('csrf_token_invalid')
  })

  it('is not taken for a seed of the same name', () => {
    const seedLike = create({ bindTo: () => SEED })
    const { token } = page(seedLike)
    expect(verdict(create(), { cookie: COOKIE, token })).toBe('csrf_token_invalid')
  })

  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['an empty text', () => ''],
    ['a promise', async () => 'sid'],
    ['a rejected promise', async () => Promise.reject(new Error('later'))],
  ])('that is %s gets no token and lets none pass', (_name, bindTo) => {
    const mode = create({ bindTo: bindTo as never })
    expect(() => page(mode)).toThrow('csrfGuard: "token.bindTo" returned no session')
    const { token } = page(create({ bindTo: () => 'undefined' }))
    expect(verdict(mode, { token })).toBe('csrf_token_invalid')
  })
})

describe('the options', () => {
  it('take another place for the token, and only a text from it', () => {
    const byUrl = create({ readToken: ({ url }) => url })
    const { token } = page(byUrl, { cookie: COOKIE })
    const { req } = exchange({ cookie: COOKIE, token: 'x' })
    expect(byUrl.refusal(Object.assign(req, { url: token }))).toBeUndefined()
    const later = create({ readToken: (async () => token) as never })
    expect(verdict(later, { cookie: COOKIE, token })).toBe('csrf_token_missing')
  })

  it.each<[string, unknown, string]>([
    ['none', undefined, '"token" must be given in mode \'token\''],
    ['no secret', { secrets: [] }, '"token.secrets"'],
    ['a short secret', { secrets: ['short'] }, '"token.secrets"'],
    [
      'a session that is no function',
      { secrets: [SECRET], bindTo: 'sid' },
      '"token.bindTo" must be a function',
    ],
    [
      'a place that is no function',
      { secrets: [SECRET], readToken: '_csrf' },
      '"token.readToken" must be a function',
    ],
    ['an unknown one', { secrets: [SECRET], cookie: 'x' }, 'unknown option "token.cookie"'],
    ['a former one', { secrets: [SECRET], seedCookie: 'x' }, 'Did you mean "token.bindTo"?'],
  ])('are refused with %s', (_name, options, complaint) => {
    expect(() => createTokenMode(check, options as never)).toThrow(complaint)
  })
})
