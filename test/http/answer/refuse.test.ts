import { IncomingMessage, ServerResponse, type IncomingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { refuse } from '../../../lib/http/answer/refuse.js'
import type { RefusalStyle } from '../../../lib/http/answer/style.js'
import { AuthError, type AuthErrorCode, type AuthErrorOptions } from '../../../lib/index.js'

const FORBIDDEN = 'insufficient_scope'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

function answerTo(
  error: AuthError,
  {
    headers = {},
    method = 'GET',
    before = {},
    style,
  }: {
    readonly headers?: IncomingHttpHeaders
    readonly method?: string
    readonly before?: Readonly<Record<string, string>>
    readonly style?: RefusalStyle
  } = {},
): Answer {
  const req = new IncomingMessage(new Socket())
  Object.assign(req, { headers, method })
  const res = new ServerResponse(req)
  for (const [name, value] of Object.entries(before)) res.setHeader(name, value)
  let body = ''
  res.end = (chunk?: unknown) => {
    body = typeof chunk === 'string' ? chunk : ''
    return res
  }
  refuse(req, res, error, style)
  return { status: res.statusCode, headers: { ...res.getHeaders() }, body }
}

function errorOf(code: AuthErrorCode, options: Partial<AuthErrorOptions> = {}): AuthError {
  return new AuthError(code, { reason: 'revoked', ...options })
}

describe('refuse', () => {
  it('says in JSON what the challenge says (6750-17, 9111-01)', () => {
    const error = errorOf(FORBIDDEN, { scopes: ['write'], detail: 'for the log only' })
    const body = JSON.stringify({ error: FORBIDDEN, error_description: error.message })
    expect(answerTo(error)).toEqual({
      status: 403,
      headers: {
        'www-authenticate': `Bearer realm="api", error="${FORBIDDEN}", error_description="${error.message}", scope="write"`,
        'cache-control': 'no-store',
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      },
      body,
    })
  })

  it('says nothing of an error where no credential came (6750-21)', () => {
    const oauth = answerTo(errorOf('no_credential'))
    expect([oauth.status, oauth.body]).toEqual([401, '{}'])
    const style = { realm: 'r', errorFormat: 'problem' } as const
    const problem = answerTo(errorOf('no_credential'), { style })
    expect(problem.headers['www-authenticate']).toBe('Bearer realm="r"')
    expect(JSON.parse(problem.body)).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
    })
  })

  it('says it as problem details where the app wants that (9457-01 to 9457-04)', () => {
    const error = errorOf('invalid_token')
    const { headers, body } = answerTo(error, { style: { realm: 'r', errorFormat: 'problem' } })
    expect(headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: error.message,
      error: 'invalid_token',
      error_description: error.message,
    })
  })

  it.each<[string | undefined, boolean]>([
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['application/json', false],
    ['application/problem+json', true],
    [' APPLICATION/Problem+json ', true],
    ['text/html,application/problem+json', true],
    ['application/problem+json;charset=utf-8', true],
    ['application/problem+json;q=0.001', true],
    ['application/problem+json;q=0', false],
    ['application/problem+json; q = 0.000', false],
    ['application/problem+json;x=0', true],
    ['application/problem+json;a=1;q=0', false],
    ['application/problem+json;q=0,application/problem+json', true],
    ['application/problem+jsonx', false],
    [`${'a/b,'.repeat(31)}application/problem+json`, true],
    [`${'a/b,'.repeat(32)}application/problem+json`, false],
    [`application/problem+json${';a=1'.repeat(6)};q=0`, false],
  ])('heeds Accept: %.60s (9457-01)', (accept, wanted) => {
    const { headers } = answerTo(errorOf('invalid_token'), { headers: { accept } })
    expect(headers['content-type']).toBe(wanted ? 'application/problem+json' : 'application/json')
  })

  it('prepares an answer for each style, format and text, and for no scopes but its own', () => {
    const error = errorOf(FORBIDDEN)
    const scoped = errorOf(FORBIDDEN, { scopes: ['write'] })
    const fresher = answerTo(errorOf(FORBIDDEN, { challenge: [['max_age', '7']] }))
    expect(fresher.headers['www-authenticate']).toMatch(/, max_age="7"$/)
    const reworded = Object.assign(errorOf(FORBIDDEN), { message: 'Otherwise put' })
    const styles = ['r1', 'r2'].map((realm) => ({ realm, errorFormat: 'oauth' }) as const)
    const accept = 'application/problem+json'
    for (let turn = 0; turn < 2; turn += 1) {
      for (const style of styles) {
        const challenge = (text: string, scope = ''): string =>
          `Bearer realm="${style.realm}", error="${FORBIDDEN}", error_description="${text}"${scope}`
        const { headers, body } = answerTo(error, { style })
        expect(headers['www-authenticate']).toBe(challenge(error.message))
        expect(JSON.parse(body)).toEqual({ error: FORBIDDEN, error_description: error.message })
        const problem = answerTo(error, { style, headers: { accept } })
        expect(JSON.parse(problem.body)).toMatchObject({ status: 403, error: FORBIDDEN })
        expect(answerTo(scoped, { style }).headers['www-authenticate']).toBe(
          challenge(error.message, ', scope="write"'),
        )
        const other = answerTo(reworded, { style })
        expect(other.headers['www-authenticate']).toBe(challenge('Otherwise put'))
        expect(other.body).toContain('Otherwise put')
      }
    }
  })

  it('answers HEAD without a body, and with the length of the one to GET (9110-16)', () => {
    const [get, head] = ['GET', 'HEAD'].map((method) => answerTo(errorOf(FORBIDDEN), { method }))
    expect(head).toEqual({ ...get, body: '' })
  })

  it('says when to come back, where that helps, and asks for no credential then (9110-15)', () => {
    const down = errorOf('temporarily_unavailable', { retryAfterSeconds: 7 })
    expect(answerTo(down)).toMatchObject({ status: 503, headers: { 'retry-after': '7' } })
    expect(answerTo(down).headers).not.toHaveProperty('www-authenticate')
    const forbidden = errorOf(FORBIDDEN, { retryAfterSeconds: 7 })
    expect(answerTo(forbidden).headers).not.toHaveProperty('retry-after')
  })

  it('says that a CSRF refusal depends on where the request came from, and others do not', () => {
    const { headers } = answerTo(errorOf('csrf_cross_site'), { before: { vary: 'Accept' } })
    expect(headers['vary']).toBe('Accept, Origin, Sec-Fetch-Site')
    expect(answerTo(errorOf('invalid_token')).headers).not.toHaveProperty('vary')
  })

  it('takes back what handlers before said of their own answer', () => {
    const before = { ETag: '"1"', 'Content-Type': 'text/html', 'Cache-Control': 'max-age=60' }
    const { headers } = answerTo(errorOf('invalid_token'), { before })
    expect(headers).not.toHaveProperty('etag')
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
  })

  it('only ends an answer that is already on its way', () => {
    const req = new IncomingMessage(new Socket())
    const res = new ServerResponse(req)
    res.statusCode = 200
    res.flushHeaders()
    refuse(req, res, errorOf('invalid_token'))
    expect([res.statusCode, res.writableEnded]).toEqual([200, true])
    expect(() => refuse(req, res, errorOf('invalid_token'))).not.toThrow()
  })
})
