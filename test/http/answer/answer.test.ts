import { describe, expect, it } from '@jest/globals'
import { AuthError, type AuthErrorCode } from '../../../lib/core/verdicts/errors.js'
import { answerFor, type Answer } from '../../../lib/http/answer/answer.js'
import type { RefusalStyle } from '../../../lib/http/answer/style.js'

const STYLE: RefusalStyle = { realm: 'r', errorFormat: 'oauth' }
const FORBIDDEN = 'insufficient_scope'

type Asked = Partial<Record<'accept' | 'authorization', string>>

function errorOf(code: AuthErrorCode, options: object = {}): AuthError {
  return new AuthError(code, { reason: 'revoked', detail: 'for the log only', ...options })
}

function answerTo(error: AuthError, asked: Asked = {}, style: RefusalStyle = STYLE): Answer {
  return answerFor(error, style, { header: (name) => asked[name] })
}

function header({ headers }: Answer, name: string): unknown {
  return new Map(headers).get(name)
}

describe('answerFor', () => {
  it('says in JSON what the challenge says (6750-17, 9111-01)', () => {
    const error = errorOf(FORBIDDEN, { scopes: ['write'] })
    const body = JSON.stringify({ error: FORBIDDEN, error_description: error.message })
    expect(answerTo(error)).toMatchObject({
      status: 403,
      headers: [
        [
          'WWW-Authenticate',
          `Bearer realm="r", error="${FORBIDDEN}", error_description="${error.message}", scope="write"`,
        ],
        ['Cache-Control', 'no-store'],
        ['Content-Type', 'application/json'],
        ['Content-Length', String(body.length)],
      ],
      body,
    })
  })

  it('says nothing of an error where no credential came (6750-21)', () => {
    const oauth = answerTo(errorOf('no_credential'))
    expect([oauth.status, oauth.body]).toEqual([401, '{}'])
    const problem = answerTo(errorOf('no_credential'), {}, { ...STYLE, errorFormat: 'problem' })
    expect(header(problem, 'WWW-Authenticate')).toBe('Bearer realm="r"')
    expect(JSON.parse(problem.body)).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
    })
  })

  it('says it as problem details where the app wants that (9457-01 to 9457-04)', () => {
    const error = errorOf('invalid_token')
    const answer = answerTo(error, {}, { ...STYLE, errorFormat: 'problem' })
    expect(header(answer, 'Content-Type')).toBe('application/problem+json')
    expect(JSON.parse(answer.body)).toEqual({
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
    ['application/problem+json;q', false],
    ['application/problem+json;a=1;q=0', false],
    ['application/problem+json;q=0,application/problem+json', true],
    ['application/problem+jsonx', false],
    [`${'a/b,'.repeat(31)}application/problem+json`, true],
    [`${'a/b,'.repeat(32)}application/problem+json`, false],
    [`application/problem+json${';a=1'.repeat(6)};q=0`, false],
    [`application/problem+json${';a=1'.repeat(7)};q=0`, true],
  ])('heeds Accept: %.60s (9457-01)', (accept, wanted) => {
    const answer = answerTo(errorOf('invalid_token'), accept === undefined ? {} : { accept })
    expect(header(answer, 'Content-Type')).toBe(
      wanted ? 'application/problem+json' : 'application/json',
    )
  })

  it('is made once for each style, code, format and scheme', () => {
    const styles = [STYLE, { ...STYLE }, { ...STYLE, schemes: ['Bearer', 'DPoP'] }]
    const asked: readonly Asked[] = [
      {},
      { accept: 'application/problem+json' },
      { authorization: 'DPoP x' },
    ]
    const bodiesOf = (style: RefusalStyle): readonly Answer[] =>
      [errorOf('invalid_token'), errorOf('no_credential')].flatMap((error) =>
        asked.map((how) => answerTo(error, how, style)),
      )
    const first = styles.flatMap(bodiesOf)
    const again = styles.flatMap(bodiesOf)
    for (const [index, answer] of again.entries()) expect(answer).toBe(first[index])
    const [one, other] = [first[0]!, first[6]!]
    expect(one).not.toBe(other)
    expect(header(first[12]!, 'WWW-Authenticate')).toEqual([
      expect.stringMatching(/^Bearer .*error=/),
      expect.stringMatching(/^DPoP realm="r"$/),
    ])
    expect(header(first[14]!, 'WWW-Authenticate')).toEqual([
      expect.stringMatching(/^Bearer realm="r"$/),
      expect.stringMatching(/^DPoP .*error=/),
    ])
  })

  it('is made anew for scopes, for parameters, and for another text or status of one code', () => {
    const plain = answerTo(errorOf(FORBIDDEN))
    const others = [
      errorOf(FORBIDDEN, { scopes: ['write'] }),
      errorOf(FORBIDDEN, { challenge: [['max_age', '7']] }),
      Object.assign(errorOf(FORBIDDEN), { message: 'Otherwise put' }),
      Object.assign(errorOf(FORBIDDEN), { status: 418 }),
    ]
    const [scoped, fresher, reworded, another] = others.map((error) => answerTo(error))
    expect(header(scoped!, 'WWW-Authenticate')).toMatch(/, scope="write"$/)
    expect(header(fresher!, 'WWW-Authenticate')).toMatch(/, max_age="7"$/)
    expect(reworded!.body).toContain('Otherwise put')
    expect(another!.status).toBe(418)
    expect(answerTo(errorOf(FORBIDDEN))).toEqual(plain)
  })

  it('answers a code that this version does not know by its status and text alone', () => {
    const later = Object.assign(errorOf(FORBIDDEN), { code: 'of_a_later_version' })
    const answer = answerTo(later)
    expect([answer.status, header(answer, 'WWW-Authenticate')]).toEqual([403, undefined])
    expect(JSON.parse(answer.body)).toMatchObject({ error: 'of_a_later_version' })
  })

  it('says when to come back, where that helps, and asks for no credential then (9110-15)', () => {
    const down = answerTo(errorOf('temporarily_unavailable', { retryAfterSeconds: 7 }))
    expect(down.status).toBe(503)
    expect(down.headers.at(-1)).toEqual(['Retry-After', '7'])
    expect(header(down, 'WWW-Authenticate')).toBeUndefined()
    const forbidden = answerTo(errorOf(FORBIDDEN, { retryAfterSeconds: 7 }))
    expect(header(forbidden, 'Retry-After')).toBeUndefined()
  })

  it('says that a CSRF refusal depends on where the request came from, and others do not', () => {
    expect(header(answerTo(errorOf('csrf_cross_site')), 'Vary')).toBe('Origin, Sec-Fetch-Site')
    expect(header(answerTo(errorOf('invalid_token')), 'Vary')).toBeUndefined()
  })

  it('brings the nonce for the next proof, to pages of other origins as well', () => {
    const error = errorOf('use_dpop_nonce', { nonce: 'n1' })
    const before = answerTo(errorOf('use_dpop_nonce'))
    expect(answerTo(error).headers).toEqual([
      ...before.headers,
      ['DPoP-Nonce', 'n1'],
      ['Access-Control-Expose-Headers', 'DPoP-Nonce, WWW-Authenticate'],
    ])
  })
})
