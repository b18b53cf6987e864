import { describe, expect, it } from '@jest/globals'
import type { Response } from 'supertest'
import { memoryRevocationStore, requireBearer } from '../../lib/index.js'
import { expectRefusal, frozenClock, startApi, type TestApi } from '../../tools/api.js'
import { encode, forge, type Segment } from '../support/forge.js'
import { startIssuer, type ClaimChanges, type TestIssuer } from '../../tools/issuer.js'
import { beforeSuite } from '../support/suite.js'

const clock = frozenClock()
const NOW = clock.now
const store = memoryRevocationStore({ clock })
let issuer: TestIssuer
let api: TestApi
let header: Record<string, unknown>
let payload: Record<string, unknown>

beforeSuite({ clock, store }, (suite) => {
  ;({ issuer, api, header, payload } = suite)
})

/** What the API says to a valid token with these claims changed; undefined leaves one out. */
async function judged(changes: ClaimChanges): Promise<Response> {
  return api.get(forge(header, { ...payload, ...changes }, issuer.key))
}

/** The same over a payload as text. */
async function judgedText(text: Segment): Promise<Response> {
  return api.get(forge(header, text, issuer.key))
}

function textWith(member: string): string {
  return JSON.stringify(payload).replace(/\}$/, `,${member}}`)
}

describe('RFC 7519 §4: claims', () => {
  it.each([
    ['sub', '"sub":"someone-else"'],
    ['sub by an escape', '"\\u0073ub":"someone-else"'],
    ['exp', '"exp":9999999999'],
    ['a claim of its own', '"x":1,"x":1'],
    ['__proto__', '"__proto__":1,"__proto__":2'],
  ])('refuses a payload that names %s twice (7519-01)', async (_name, member) => {
    expectRefusal(await judgedText(textWith(member)), 'invalid_token')
    expect(api.reason()).toBe('malformed_token')
  })

  it('ignores claims that it does not know (7519-02)', async () => {
    const extra = { x: null, 'https://example.com/y': { z: [1, {}] }, constructor: 'c', ISS: 'x' }
    const response = await judged(extra)
    expect(response.status).toBe(200)
    expect((response.body as { claims: unknown }).claims).toEqual({ ...payload, ...extra })
  })

  it.each([
    ['another', () => 'https://id.example.com'],
    ['in upper case', () => issuer.url.toUpperCase()],
    ['with a slash more', () => `${issuer.url}/`],
    ['with a space', () => `${issuer.url} `],
    ['in a list', () => [issuer.url]],
    ['in an object', () => ({ [issuer.url]: true })],
    ['that is a prefix', () => issuer.url.slice(0, -1)],
    ['that is empty', () => ''],
    ['that is null', () => null],
    ['that is absent', () => undefined],
  ])('refuses an issuer %s (7519-03, 9068-06, DISC-02)', async (_name, iss) => {
    expectRefusal(await judged({ iss: iss() }), 'invalid_token')
  })

  it('says in the log where only a trailing slash is wrong (7519-03)', async () => {
    await judged({ iss: `${issuer.url}/` })
    const event = api.events.at(-1)
    expect(event?.name === 'request.refused' && event.detail).toContain('trailing slash')
  })

  it.each([1, { sub: 'user-1' }, ['user-1'], false, true])(
    'refuses the subject %j, which is no string (7519-04)',
    async (sub) => {
      expectRefusal(await judged({ sub }), 'invalid_token')
      expect(api.reason()).toBe('malformed_claim')
    },
  )

  it.each([
    ['alone', 'https://api.test'],
    ['among others', ['x', 'https://api.test']],
    ['twice', ['https://api.test', 'https://api.test']],
  ])(
    'takes a token for us %s (7519-05, 9068-07, 8707-01, 8707-04, 9700-02)',
    async (_name, aud) => {
      expect((await judged({ aud })).status).toBe(200)
    },
  )

  it.each([
    ['another API', 'https://other.test'],
    ['other APIs', ['https://other.test', 'x']],
    ['nobody', []],
    ['a number', [1]],
    ['us and a number', ['https://api.test', 1]],
    ['an object', {}],
    ['us, in an object', { 0: 'https://api.test' }],
    ['us, in a list too deep', [['https://api.test']]],
    ['the empty string', ''],
    ['a prefix of ours', 'https://api.tes'],
    ['a longer name', 'https://api.test/'],
    ['our name in upper case', 'HTTPS://API.TEST'],
    ['several in one string', 'https://api.test https://other.test'],
    ['null', null],
    ['nobody at all', undefined],
  ])('refuses a token for %s (7519-05, 8725-15, 8707-03)', async (_name, aud) => {
    expectRefusal(await judged({ aud }), 'invalid_token')
  })
})

describe('RFC 7519 §4.1.4 to §4.1.6: times', () => {
  it.each([
    [-1, 401],
    [0, 401],
    [0.5, 200],
    [1, 200],
    [10.5, 200],
  ])('judges exp = now %d: %d (7519-06, 7519-08, 9068-09)', async (offset, status) => {
    expect((await judged({ exp: NOW + offset })).status).toBe(status)
  })

  it.each([
    [60, -59, 200],
    [60, -60, 401],
    [60, -61, 401],
    [5, -4, 200],
    [5, -5, 401],
  ])(
    'with a tolerance of %d s judges exp = now %d: %d (7519-07, 9068-09)',
    async (clockToleranceSeconds, offset, status) => {
      const tolerant = await startApi(issuer, { clock, clockToleranceSeconds })
      expect((await tolerant.get(await issuer.token({ exp: NOW + offset }))).status).toBe(status)
      await tolerant.close()
    },
  )

  it('tolerates 5 s by default (7519-07)', async () => {
    const app = await startApi(issuer, { clock, clockToleranceSeconds: undefined as never })
    expect((await app.get(await issuer.token({ exp: NOW - 4 }))).status).toBe(200)
    expectRefusal(await app.get(await issuer.token({ exp: NOW - 5 })), 'invalid_token')
    await app.close()
  })

  it.each([60.1, 61, -1, Number.NaN, Number.POSITIVE_INFINITY, '5', null])(
    'refuses a tolerance of %p at construction (7519-07)',
    (clockToleranceSeconds) => {
      const options = { issuer: issuer.url, audience: issuer.audience, clockToleranceSeconds }
      expect(() => requireBearer(options as never)).toThrow(/"clockToleranceSeconds" must/)
    },
  )

  it.each(['exp', 'nbf', 'iat'])(
    'refuses a %s that is no number of seconds (7519-08)',
    async (name) => {
      const { [name]: _removed, ...others } = payload
      const wrongTypes = [
        '"1999999999"',
        ...(name === 'exp' ? ['null'] : []),
        '1e400',
        '-1e400',
        '[1]',
        '{}',
        'true',
        '"NaN"',
        '""',
      ]
      const notJson = ['NaN', 'Infinity', '0x10', '01', '1.', '+1']
      for (const value of [...wrongTypes, ...notJson]) {
        const text = JSON.stringify(others).replace(/\}$/, `,"${name}":${value}}`)
        expectRefusal(await judgedText(text), 'invalid_token')
      }
    },
  )

  it.each([
    ['exp', -1],
    ['exp', 0],
    ['exp', undefined],
  ])('refuses %s = %p (7519-08)', async (name, value) => {
    expectRefusal(await judged({ [name]: value }), 'invalid_token')
  })

  it.each([
    [1, 401],
    [0.5, 401],
    [0, 200],
    [-1, 200],
  ])('judges nbf = now %d: %d (7519-09)', async (offset, status) => {
    expect((await judged({ nbf: NOW + offset })).status).toBe(status)
  })

  it.each([
    [0, 200],
    [1, 401],
    [0.5, 401],
  ])('judges iat = now %d: %d (7519-10)', async (offset, status) => {
    expect((await judged({ iat: NOW + offset })).status).toBe(status)
  })

  it('judges the age of a token where asked to (7519-10)', async () => {
    const young = await startApi(issuer, { clock, maxAgeSeconds: 100 })
    const at = async (iat: unknown): Promise<number> =>
      (await young.get(await issuer.token({ iat }))).status
    expect([await at(NOW - 100), await at(NOW - 101), await at(undefined)]).toEqual([200, 401, 401])
    await young.close()
  })

  it.each([Number.NaN, undefined, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'accepts nothing while the clock says %p (7519-06)',
    async (now) => {
      const broken = await startApi(issuer, { clock: () => now as number })
      expect((await broken.get(await issuer.token())).status).toBe(401)
      await broken.close()
    },
  )
})

describe('RFC 7519 §4.1.7: jti', () => {
  it('revokes by issuer and jti together (7519-11, X-01)', async () => {
    const other = await startIssuer({ clock })
    const elsewhere = await startApi(other, { clock, store })
    const twin = { jti: 'shared-id' }
    await store.revokeToken({ issuer: issuer.url, tokenId: 'shared-id', expiresAt: NOW + 300 })
    expectRefusal(await judged(twin), 'invalid_token')
    expect(api.reason()).toBe('revoked')
    expect((await elsewhere.get(await other.token(twin))).status).toBe(200)
    await Promise.all([elsewhere.close(), other.close()])
  })

  it('tells ids apart by case (7519-12)', async () => {
    await store.revokeToken({ issuer: issuer.url, tokenId: 'Abc', expiresAt: NOW + 300 })
    expectRefusal(await judged({ jti: 'Abc' }), 'invalid_token')
    expect((await judged({ jti: 'abc' })).status).toBe(200)
  })

  it.each([1, ['a'], {}, true])('refuses the jti %j, which is no string (7519-12)', async (jti) => {
    expectRefusal(await judged({ jti }), 'invalid_token')
  })
})

describe('RFC 7519 §7: validation', () => {
  it.each([
    ['a word', () => 'garbage'],
    ['dots', () => '...'],
    ['a UUID', () => '4b2e1f9c-6d0a-4e0b-9c55-0c7d3a1c2b11'],
    ['a header of text', () => `aGVsbG8.${encode(payload)}.AAAA`],
    ['a header that is no object', () => `${encode('[]')}.${encode(payload)}.AAAA`],
    ['a payload of text', () => forge(header, 'hello', issuer.key)],
    ['an empty payload', () => forge(header, '', issuer.key)],
    ['an empty object', () => forge(header, '{}', issuer.key)],
    ['no signature', () => `${encode(header)}.${encode(payload)}.`],
    ['a short signature', () => forge(header, payload, issuer.key).slice(0, -4)],
    ['header and payload exchanged', () => forge(payload, header, issuer.key)],
    [
      'another token\u2019s signature',
      () =>
        `${encode(header)}.${encode({ ...payload, sub: 'x' })}.${forge(header, payload, issuer.key).split('.')[2]}`,
    ],
  ])('refuses %s (7519-13, 9068-10)', async (_name, token) => {
    expectRefusal(await api.get(token()), 'invalid_token')
  })

  it.each<[string, Segment]>([
    ['a list', '[]'],
    ['a list of claims', '[{"iss":"x"}]'],
    ['a string', '"x"'],
    ['a number', '7'],
    ['null', 'null'],
    ['true', 'true'],
    ['invalid UTF-8', Buffer.from('{"sub":"\xFF"}', 'latin1')],
    ['a byte order mark', '\uFEFF{}'],
  ])('refuses a payload that is %s (7519-14, 8725-12)', async (_name, text) => {
    expectRefusal(await judgedText(text), 'invalid_token')
    expect(api.reason()).toBe('malformed_token')
  })

  it('refuses half of a surrogate pair in a payload that is signed (7519-14, 8725-12)', async () => {
    expectRefusal(await judgedText(textWith('"nick":"a\\udc00"')), 'invalid_token')
    expect(api.reason()).toBe('malformed_token')
  })

  it.each(['ISS', 'Iss', 'iss ', 'AUD', 'EXP'])(
    'does not take %s for the claim (7519-15)',
    async (name) => {
      const { [name.trim().toLowerCase()]: value, ...others } = payload
      expectRefusal(await judgedText({ ...others, [name]: value }), 'invalid_token')
    },
  )

  it('reads a pair of surrogates, and text that looks like half of one (7519-14)', async () => {
    const text = textWith('"emoji":"\\ud83d\\ude00","backslash":"\\\\ud800"')
    const response = await judgedText(text)
    expect((response.body as { claims: unknown }).claims).toMatchObject({
      emoji: '\u{1F600}',
      backslash: '\\ud800',
    })
  })
})

describe('RFC 7519 §12: privacy', () => {
  it('shows no claim in an answer or an event (7519-17, 9068-17)', async () => {
    const secrets = {
      sub: 'person-4711',
      email: 'ann@example.com',
      jti: 'id-4711',
      sid: 'sid-4711',
    }
    const before = api.events.length
    const answers = [
      await judged({ ...secrets, scope: 'none' }),
      await judged({ ...secrets, exp: NOW - 1 }),
      await judged({ ...secrets, aud: 'https://other.test' }),
      await api.get(
        `${forge(header, { ...payload, ...secrets }, issuer.key).slice(0, -8)}AAAAAAAA`,
      ),
      await judged(secrets),
    ]
    const shown = JSON.stringify([
      api.events.slice(before),
      answers.slice(0, -1).map(({ headers, text }) => [headers, text]),
    ])
    expect(answers.map(({ status }) => status)).toEqual([403, 401, 401, 401, 200])
    for (const value of Object.values(secrets)) expect(shown).not.toContain(value)
    expect(shown).not.toContain(encode(payload).slice(0, 20))
  })
})
