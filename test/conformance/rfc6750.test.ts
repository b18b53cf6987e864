import { describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  memoryRevocationStore,
  refuse,
  AuthError,
  requireAnyScope,
  requireBearer,
  requireScope,
} from '../../lib/index.js'
import { expectRefusal, frozenClock, startApi, type TestApi } from '../../tools/api.js'
import { bearerParameters, parseChallenges } from '../../tools/challenge.js'
import { takeApart } from '../support/forge.js'
import { type TestIssuer } from '../../tools/issuer.js'
import { rawRequest, serve } from '../../tools/server.js'
import { beforeSuite } from '../support/suite.js'

const clock = frozenClock()
const store = memoryRevocationStore({ clock })
let issuer: TestIssuer
let api: TestApi
let valid: string

// With the budget for unknown kids spent, nobody could tell, and the answer would be 503.
const keyCache = { refetchBurst: 1000 }

beforeSuite({ clock, store, keyCache }, (suite) => {
  ;({ issuer, api, valid } = suite)
})

describe('RFC 6750 §2: where the token is read', () => {
  it('takes the token from the Authorization header (6750-01)', async () => {
    const response = await api.get(valid)
    expect(response.status).toBe(200)
    expect(response.body).toMatchObject({ subject: 'user-1', scopes: ['read'] })
  })

  it.each([1, 2, 7])('takes %d spaces between scheme and token (6750-02)', async (count) => {
    const line = `Authorization: Bearer${' '.repeat(count)}${valid}`
    const answer = await rawRequest(api.port, [line], 'GET /r HTTP/1.1')
    expect(answer.status).toBe(200)
  })

  it.each([
    ['a quote', 'abc"def'],
    ['a comma', 'a,b'],
    ['a space', 'a b'],
    ['a letter that is not ASCII', 'tok\xE9n'],
    ['a tab', 'a\tb'],
    ['a brace', '{"a":1}'],
    ['nothing but padding', '='],
    ['padding in the middle', 'a=b'],
    ['a quote in one of three parts', 'a.b".c'],
    ['a space in one of three parts', 'a.b.c d'],
    ['padding in the middle of three parts', 'a.b=.c'],
    ['a letter that is not ASCII in one of three parts', 'tok\xE9n.b.c'],
    ['a comma in one of five parts', 'a.b.c.d.e,f'],
  ])('refuses %s in the token as a malformed request (6750-03)', async (_name, token) => {
    const answer = await rawRequest(api.port, [`Authorization: Bearer ${token}`], 'GET /r HTTP/1.1')
    expect(answer.status).toBe(400)
    expect(bearerParameters(answer.headers.get('www-authenticate')![0]!)['error']).toBe(
      'invalid_request',
    )
    expect(JSON.stringify(api.events.at(-1))).not.toContain(token)
    expect(api.reason()).toBe('malformed_authorization')
  })

  it.each(['Bearer', 'Bearer ', 'bearer   '])(
    'refuses "%s" with no token after it (6750-04)',
    async (value) => {
      const answer = await rawRequest(api.port, [`Authorization: ${value}`], 'GET /r HTTP/1.1')
      expect(answer.status).toBe(400)
      expect(answer.headers.get('www-authenticate')![0]).toContain('error="invalid_request"')
    },
  )

  it('never reads a token from the query, valid or not (6750-05, 6750-08, 6750-25, 9700-04)', async () => {
    expectRefusal(await request(api.url).get(`/r?access_token=${valid}`), 'no_credential')
    const both = await request(api.url)
      .get('/r?access_token=garbage')
      .set('Authorization', `Bearer ${valid}`)
    expect(both.status).toBe(200)
  })

  it('never reads a token from a form body (6750-06)', async () => {
    const response = await request(api.url).post('/w').type('form').send({ access_token: valid })
    expectRefusal(response, 'no_credential')
  })

  it('is not confused by repeated parameters (6750-07)', async () => {
    const twice = `access_token=${valid}&access_token=${valid}`
    expectRefusal(await request(api.url).get(`/r?${twice}`), 'no_credential')
    expectRefusal(await request(api.url).post('/w').type('form').send(twice), 'no_credential')
  })
})

describe('RFC 6750 §3: the challenge', () => {
  it('asks for a token where none came (6750-09)', async () => {
    expectRefusal(await api.authorized(), 'no_credential')
  })

  it('always sends a parameter after the scheme (6750-10)', async () => {
    const { headers } = await api.authorized()
    expect(headers['www-authenticate']).toMatch(/^Bearer \w+=/)
  })

  it.each([
    ['no token', undefined],
    ['not a token68', 'Bearer a"b'],
    ['no JWT', 'Bearer abc.def'],
    ['another scheme', 'Basic dTpw'],
  ])('sends each parameter once: %s (6750-11)', async (_name, value) => {
    const { headers } = await api.authorized(value)
    // The parser throws on a repeated name.
    expect(parseChallenges(headers['www-authenticate']!)).toHaveLength(1)
  })

  it.each(['x', 'Members of the zoo'])('quotes the realm "%s" (6750-12)', async (realm) => {
    const named = await startApi(issuer, { clock, realm })
    const { headers } = await named.authorized()
    expect(headers['www-authenticate']).toBe(`Bearer realm="${realm}"`)
    await named.close()
  })

  it('names the default realm "api" (6750-12)', async () => {
    const { headers } = await api.authorized()
    expect(bearerParameters(headers['www-authenticate']!)).toEqual({ realm: 'api' })
  })

  it.each(['a"b', 'a\\b', 'a\r\nb', 'h\u00e9', ''])(
    'refuses the realm %j at construction (6750-12)',
    (realm) => {
      const { url, audience } = issuer
      expect(() => requireBearer({ issuer: url, audience, realm })).toThrow(/"realm" must/)
    },
  )

  it('names the scope that an anonymous request would need (6750-13)', async () => {
    const optional = await startApi(issuer, { clock, optional: true })
    expectRefusal(await optional.authorized(), 'no_credential', 'read')
    await optional.close()
  })

  it.each(['a"b', '\u00e9', 'a\\b', 'a\tb', 'a\nb', ''])(
    'refuses the scope %j at construction (6750-14)',
    (scope) => {
      expect(() => requireScope(scope)).toThrow(TypeError)
      expect(() => requireScope(['read', scope])).toThrow(TypeError)
      expect(() => requireAnyScope(['read', scope])).toThrow(TypeError)
    },
  )

  it.each([
    ['a scope with a quote', ['a"b', 'read'], 'read'],
    ['scopes of no legal character', ['\u00e9', '"', ' ', ''], undefined],
    ['a scope that would split the header', ['a\r\nSet-Cookie: a=b'], undefined],
  ])('leaves out of the challenge: %s (6750-14)', async (_name, scopes, sent) => {
    const app = express()
    app.get('/', (req, res) => {
      refuse(req, res, new AuthError('insufficient_scope', { reason: 'scope_missing', scopes }))
    })
    const server = await serve(app)
    expectRefusal(await request(server.url).get('/'), 'insufficient_scope', sent)
    await server.close()
  })

  it.each([
    ['kid', { kid: 'x"\r\nSet-Cookie: a=b' }, {}],
    ['kid that is not ASCII', { kid: '\u00e9\\"' }, {}],
    ['alg', { alg: 'x"\r\nSet-Cookie: a=b' }, {}],
    ['typ', { typ: 'x"\r\nSet-Cookie: a=b' }, {}],
    ['iss', {}, { iss: 'x"\r\nSet-Cookie: a=b' }],
    ['aud', {}, { aud: 'x"\r\nSet-Cookie: a=b' }],
  ])('never lets a hostile %s reach the header (6750-15)', async (_name, header, claims) => {
    const parts = takeApart(valid)
    const token = [{ ...parts.header, ...header }, { ...parts.payload, ...claims }, parts.signature]
      .map((part) => Buffer.from(Buffer.isBuffer(part) ? part : JSON.stringify(part)))
      .map((bytes) => bytes.toString('base64url'))
      .join('.')
    const response = await api.get(token)
    expectRefusal(response, 'invalid_token')
    expect(response.headers['set-cookie']).toBeUndefined()
    expect(response.headers['www-authenticate']).not.toContain('Set-Cookie')
  })
})

describe('RFC 6750 §3.1: the error codes', () => {
  it('answers 400 to a bad request, 401 to a bad token, 403 to a lack of scope (6750-17, 6750-18)', async () => {
    expectRefusal(await api.authorized('Bearer a"b'), 'invalid_request')
    expectRefusal(await api.get('abc.def'), 'invalid_token')
    expectRefusal(
      await api.get(await issuer.token({ scope: 'other' })),
      'insufficient_scope',
      'read',
    )
  })

  it('tells expired, revoked, malformed and forged tokens apart for nobody but us (6750-19)', async () => {
    const revoked = await issuer.token({ jti: 'revoked-1' })
    await store.revokeToken({ issuer: issuer.url, tokenId: 'revoked-1', expiresAt: clock() + 300 })
    const tokens = {
      expired: await issuer.token({ exp: clock() - 1 }),
      revoked,
      malformed_token: 'abc.def',
      bad_signature: `${valid.slice(0, -40)}${'A'.repeat(40)}`,
    }
    const answers = new Set<string>()
    for (const [reason, token] of Object.entries(tokens)) {
      const response = await api.get(token)
      expectRefusal(response, 'invalid_token')
      expect(api.reason()).toBe(reason)
      answers.add(JSON.stringify([response.headers['www-authenticate'], response.text]))
    }
    expect(answers.size).toBe(1)
  })

  it('names the scope that would have been enough (6750-20)', async () => {
    const response = await request(api.url).post('/w').set('Authorization', `Bearer ${valid}`)
    expectRefusal(response, 'insufficient_scope', 'write')
  })

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['Basic', 'Basic dTpw'],
    ['Digest', 'Digest username="u", realm="r", nonce="n", uri="/", response="0"'],
    ['a scheme that begins like ours', 'BearerX abc'],
    ['Negotiate', 'Negotiate YII='],
    ['a scheme alone', 'Basic'],
  ])('sends no error code for %s (6750-21)', async (_name, value) => {
    expectRefusal(await api.authorized(value), 'no_credential')
  })

  it('does not say which routes exist (6750-26)', async () => {
    expectRefusal(await request(api.url).get('/no-such-route'), 'no_credential')
    expectRefusal(await request(api.url).delete('/r'), 'no_credential')
  })
})

describe('RFC 6750 §5: integrity', () => {
  it('refuses a token with any byte changed (6750-22)', async () => {
    const survivors: number[] = []
    for (let index = 0; index < valid.length; index += 1) {
      if (valid[index] === '.') continue
      const other = valid[index] === 'A' ? 'B' : 'A'
      const response = await api.get(valid.slice(0, index) + other + valid.slice(index + 1))
      if (response.status !== 401) survivors.push(index)
    }
    expect(survivors).toEqual([])
  })
})
