import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { createSeal } from '../../../../lib/http/secrets/seal.js'
import { createLoginCookies, LOGIN_COOKIE } from '../../../../lib/session/handler/login/login.js'
import { exchangeOf } from '../../../support/exchange.js'

const BEGUN = { returnTo: '/notes', startedAt: 1, asked: {} }
const seal = createSeal(optionCheck('test'), 'secrets', ['a secret of the tests, long enough'], LOGIN_COOKIE) // prettier-ignore
const logins = createLoginCookies(seal, 'lax')

/** Begins a login in a browser that has these cookies. */
function begin(
  cookie = '',
  startedAt = 1,
): { pair: string; state: string; lines: readonly string[] } {
  const { req, res, cookies } = exchangeOf('/', { headers: { cookie } })
  const { state } = logins.begin(req, res, { ...BEGUN, startedAt })
  const lines = cookies()
  const pair = lines.at(-1)?.split(';')[0] ?? ''
  return { pair, state, lines }
}

function find(cookie: string, state: string): unknown {
  return logins.find(exchangeOf('/', { headers: { cookie } }).req, state)
}

describe('a login under way', () => {
  it('lies in a sealed cookie of its own for ten minutes', () => {
    const { lines, state } = begin()
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^__Host-Http-login-[\w-]{8}=v1\.[\w-]+; /)
    for (const part of ['Max-Age=600', 'Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax']) {
      expect(lines[0]).toContain(part)
    }
    expect(lines[0]).not.toContain(state)
  })

  it('comes back with its state, and has secrets of its own', () => {
    const [one, other] = [begin(), begin()]
    const jar = `${one.pair}; ${other.pair}`
    const found = [one, other].map(({ state }) => find(jar, state))
    expect(found[0]).toMatchObject({ ...BEGUN, state: one.state })
    expect(new Set(JSON.stringify(found).match(/[\w-]{43}/g)).size).toBe(6)
  })

  it.each([
    ['no state', ({ pair }) => [pair, '']],
    ['a state that is cut', ({ pair, state }) => [pair, state.slice(0, 42)]],
    [
      'another state with the same beginning',
      ({ pair, state }) => [pair, state.slice(0, 42) + (state.endsWith('A') ? 'B' : 'A')],
    ],
    ['no cookie', ({ state }) => ['', state]],
    ['the cookie twice', ({ pair, state }) => [`${pair}; ${pair}`, state]],
    ['a broken cookie', ({ pair, state }) => [`${pair}x`, state]],
    [
      'the cookie of another',
      ({ pair, state }) => [`${pair.split('=')[0]}=${begin().pair.split('=')[1]}`, state],
    ],
  ] as const satisfies readonly [string, (login: ReturnType<typeof begin>) => [string, string]][])(
    'is unknown with %s',
    (_what, come) => {
      // prettier-ignore
      const [cookie, state] = come(begin())
      expect(find(cookie, state)).toBeUndefined()
    },
  )

  it.each(['null', '{}', '{"asked":{}}', '"text"'])(
    'is unknown where the cookie holds %s',
    (text) => {
      const { pair, state } = begin()
      expect(find(`${pair.split('=')[0]}=${seal.seal(text)}`, state)).toBeUndefined()
    },
  )

  it('is one of four: with more, the oldest are given up', () => {
    const jar = [5, 2, 4, 3].map((startedAt) => begin('', startedAt).pair)
    const { lines } = begin(jar.join('; '), 6)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(new RegExp(`^${jar[1]?.split('=')[0]}=; `))
    expect(lines[0]).toContain('Max-Age=0')
    expect(begin(jar.slice(1).join('; ')).lines).toHaveLength(1)
  })

  it('writes no header by the name of a cookie that it does not know', () => {
    const odd = [1, 2, 3, 4].map((number) => `${LOGIN_COOKIE}a(${number}=x`)
    expect(begin(odd.join('; ')).lines).toHaveLength(1)
  })

  it('is forgotten with the attributes it was set with, also by the setting for answers by POST', () => {
    const posted = createLoginCookies(seal, 'none')
    const [beginning, forgetting] = [exchangeOf(), exchangeOf()]
    posted.forget(forgetting.res, posted.begin(beginning.req, beginning.res, BEGUN))
    const [set = '', cleared = ''] = [...beginning.cookies(), ...forgetting.cookies()]
    expect(cleared.split('=')[0]).toBe(set.split('=')[0])
    for (const line of [set, cleared]) expect(line).toContain('SameSite=None')
    expect(cleared).toContain('Max-Age=0')
  })
})
