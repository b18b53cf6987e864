import { createHash, KeyObject, privateEncrypt } from 'node:crypto'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { createServer as createTlsServer } from 'node:https'
import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { FlattenedSign } from 'jose'
import {
  expectRefusal,
  expectUnavailable,
  frozenClock,
  startApi,
  type TestApi,
} from '../../tools/api.js'
import { encode, forge, signInput, type Segment } from '../support/forge.js'
import { createSigningKey, type TestIssuer } from '../../tools/issuer.js'
import { SELF_SIGNED } from '../../tools/self-signed.js'
import { beforeSuite } from '../support/suite.js'

const clock = frozenClock()
let issuer: TestIssuer
let api: TestApi
let header: Record<string, unknown>
let payload: Record<string, unknown>

// With the budget for unknown kids spent, nobody could tell, and the answer would be 503.
const keyCache = { refetchBurst: 1000 }

beforeSuite({ clock, keyCache }, (suite) => {
  ;({ issuer, api, header, payload } = suite)
})

/** A token that is valid but for its header, and signed by the issuer. */
function withHeader(changed: Segment): string {
  return forge(changed, payload, issuer.key)
}

describe('RFC 7515 §4: header parameters', () => {
  it.each([
    ['alg', '{"alg":"RS256","alg":"none","kid":"key-1"}'],
    ['alg by an escape', '{"alg":"RS256","\\u0061lg":"RS256","kid":"key-1"}'],
    ['kid', '{"alg":"RS256","kid":"key-1","kid":"key-1"}'],
  ])('refuses a header that names %s twice (7515-01)', async (_name, text) => {
    expectRefusal(await api.get(withHeader(text)), 'invalid_token')
    expect(api.reason()).toBe('malformed_token')
  })

  it('ignores header parameters that it does not know (7515-02)', async () => {
    const extra = {
      ...header,
      x: 1,
      'https://example.com/y': { z: [] },
      cty: 'JWT',
      constructor: 1,
    }
    expect((await api.get(withHeader(extra))).status).toBe(200)
  })

  it.each([
    ['none at all', undefined],
    ['lower case', 'rs256'],
    ['NoNe', 'NoNe'],
    ['a trailing space', 'none '],
    ['a list', ['RS256']],
    ['an object', { toString: 'RS256' }],
    ['null', null],
    ['the empty string', ''],
    ['a name of the prototype', 'constructor'],
    ['__proto__', '__proto__'],
  ])('refuses "alg": %s (7515-03)', async (_name, alg) => {
    expectRefusal(await api.get(withHeader({ ...header, alg })), 'invalid_token')
    expect(api.reason()).toBe('algorithm_not_allowed')
  })

  it('never fetches or trusts a key that the token brings or points to (7515-04, FAPI-08)', async () => {
    let connections = 0
    const attacker = createTcpServer((socket) => {
      connections += 1
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(attacker, 'listening')
    const url = `https://127.0.0.1:${(attacker.address() as AddressInfo).port}/keys`
    const theirs = await createSigningKey('key-1')
    const { kid: _kid, ...embedded } = theirs.jwk
    for (const extra of [
      { jwk: embedded },
      { jwk: theirs.jwk },
      { jku: url },
      { x5u: url },
      { x5c: [SELF_SIGNED.cert.replace(/-----[^-]+-----|\n/g, '')] },
      { jwk: embedded, kid: undefined },
      { jku: url, kid: 'unknown-kid' },
      { kid: url },
    ]) {
      expectRefusal(await api.get(forge({ ...header, ...extra }, payload, theirs)), 'invalid_token')
    }
    expect(connections).toBe(0)
    attacker.close()
  })

  it.each([
    ['of another case', 'KEY-1'],
    ['that is a number', 1],
    ['that is a list', ['key-1']],
    ['that is an object', { kid: 'key-1' }],
    ['that is null', null],
    ['of 5 kB', 'k'.repeat(5000)],
    ['that is a path', '../../etc/passwd'],
    ['that is __proto__', '__proto__'],
    ['that is constructor', 'constructor'],
    ['that is empty', ''],
  ])('refuses a "kid" %s (7515-05)', async (_name, kid) => {
    const fetches = issuer.requests.length
    expectRefusal(await api.get(withHeader({ ...header, kid })), 'invalid_token')
    expect(issuer.requests.length - fetches).toBeLessThanOrEqual(2)
  })

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+JWT'])(
    'reads the type %s as a media type (7515-06)',
    async (typ) => {
      expect((await api.get(withHeader({ ...header, typ }))).status).toBe(200)
    },
  )

  it.each(['application/application/at+jwt', 'text/at+jwt', 'at+jwt ', '/at+jwt', ' at+jwt', ''])(
    'refuses the type %j, which is another one (7515-06)',
    async (typ) => {
      expectRefusal(await api.get(withHeader({ ...header, typ })), 'invalid_token')
      expect(api.reason()).toBe('wrong_type')
    },
  )

  it.each([
    ['an unknown extension', { crit: ['x'], x: 1 }],
    ['nothing', { crit: [] }],
    ['a registered parameter', { crit: ['alg'] }],
    ['an absent parameter', { crit: ['nope'] }],
    ['a string', { crit: 'x', x: 1 }],
    ['null', { crit: null }],
    ['an unencoded payload', { crit: ['b64'], b64: false }],
    ['an unencoded payload, not critical', { b64: false }],
    ['an encoded payload', { crit: ['b64'], b64: true }],
  ])('refuses a critical header: %s (7515-07, 7515-08, 7515-09)', async (_name, extra) => {
    expectRefusal(await api.get(withHeader({ ...header, ...extra })), 'invalid_token')
    expect(api.reason()).toBe('critical_header')
  })
})

describe('RFC 7515 §5.2: the compact form', () => {
  it.each([
    ['one segment', () => 'abc'],
    ['two segments', (token: string) => token.split('.').slice(0, 2).join('.')],
    ['four segments', (token: string) => `${token}.AA`],
    ['five segments', (token: string) => `${token}.AA.AA`],
    ['six segments', (token: string) => `${token}.AA.AA.AA`],
    ['a leading dot', (token: string) => `.${token}`],
    ['a trailing dot', (token: string) => `${token}.`],
    ['dots alone', () => '..'],
    ['an empty header', (token: string) => token.slice(token.indexOf('.'))],
    ['an empty payload', (token: string) => token.replace(/\..*\./, '..')],
    ['an empty signature', (token: string) => token.slice(0, token.lastIndexOf('.') + 1)],
  ])('refuses %s (7515-10)', async (_name, change) => {
    expectRefusal(await api.get(change(await issuer.token())), 'invalid_token')
  })

  it('refuses base64url that is not the one spelling of its bytes (7515-11)', async () => {
    const token = await issuer.token()
    const [head = '', body = '', signature = ''] = token.split('.')
    const standard = signInput(
      `${head}.${body}`.replaceAll('-', '+').replaceAll('_', '/'),
      issuer.key,
    )
    const padded = signInput(`${head}=.${body}`, issuer.key)
    const last = signature.at(-1)!
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const twin = alphabet[alphabet.indexOf(last) + 1]!
    for (const bad of [
      `${token}=`,
      `${token}==`,
      `${token.slice(0, -1)}${twin}`,
      `${head}.${body}.${signature}A`,
    ]) {
      expectRefusal(await api.get(bad), 'invalid_token')
    }
    if (/[-_]/.test(`${head}${body}`)) expectRefusal(await api.get(standard), 'invalid_token')
    expectRefusal(await api.get(padded), 'invalid_request')
    // The twin means the same bytes: without the rule it would be a second name of this token.
    expect(Buffer.from(`${signature.slice(0, -1)}${twin}`, 'base64url')).toEqual(
      Buffer.from(signature, 'base64url'),
    )
  })

  it.each<[string, Segment]>([
    ['text after the object', '{"alg":"RS256","kid":"key-1"}x'],
    ['two objects', '{"alg":"RS256","kid":"key-1"}{}'],
    ['a list', '["alg","RS256"]'],
    ['a string', '"RS256"'],
    ['null', 'null'],
    ['a number', '1'],
    ['a byte order mark', '\uFEFF{"alg":"RS256","kid":"key-1"}'],
    ['UTF-16', Buffer.from('{"alg":"RS256","kid":"key-1"}', 'utf16le')],
    ['a byte that is not UTF-8', Buffer.from('{"alg":"RS256","kid":"key-1","x":"\xFF"}', 'latin1')],
    ['an overlong encoding', Buffer.from('{"alg":"RS256","kid":"key-1","x":"\xC0\xAF"}', 'latin1')],
    [
      'a surrogate in UTF-8',
      Buffer.from('{"alg":"RS256","kid":"key-1","x":"\xED\xA0\x80"}', 'latin1'),
    ],
    ['half of a surrogate pair', '{"alg":"RS256","kid":"key-1","x":"\\ud800"}'],
    ['a NUL', '{"alg":"RS256","kid":"key-1"}\0'],
    ['single quotes', "{'alg':'RS256','kid':'key-1'}"],
    ['a trailing comma', '{"alg":"RS256","kid":"key-1",}'],
    ['a comment', '{"alg":"RS256","kid":"key-1"/**/}'],
  ])('refuses a header with %s (7515-12)', async (_name, text) => {
    expectRefusal(await api.get(withHeader(text)), 'invalid_token')
    expect(api.reason()).toBe('malformed_token')
  })

  it('reads a header with white space and escapes, which are JSON as well (7515-12)', async () => {
    const text = ' {\n"\\u0061lg" : "RS256" ,\t"kid":"key\\u002d1" }\r\n'
    expect((await api.get(withHeader(text))).status).toBe(200)
  })

  it('refuses an algorithm outside the list, though its signature verifies (7515-13)', async () => {
    const other = await createSigningKey('ec-1', 'ES384')
    issuer.keys.push(other.jwk)
    const strict = await startApi(issuer, { clock, algorithms: ['RS256'] })
    const open = await startApi(issuer, { clock })
    const token = await issuer.token({}, {}, other)
    expectRefusal(await strict.get(token), 'invalid_token')
    expect((await open.get(token)).status).toBe(200)
    await Promise.all([strict.close(), open.close()])
  })

  it('is no JWT in JSON serialisation (7515-15)', async () => {
    const jws = await new FlattenedSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
      .sign(issuer.key.privateKey)
    expectRefusal(await api.get(JSON.stringify(jws)), 'invalid_request')
    expectRefusal(await api.get(encode({ ...jws })), 'invalid_token')
  })
})

describe('RFC 7515 §5.3: comparing strings', () => {
  it('compares code points, after JSON escapes and without normalisation (7515-14)', async () => {
    const composed = 'https://id.test/caf\u00e9'
    const cafe = await startApi(issuer, {
      issuer: composed,
      clock,
      jwks: { keys: [issuer.key.jwk] },
    })
    const signed = (iss: string): string =>
      forge(header, JSON.stringify({ ...payload, iss: '@' }).replace('@', iss), issuer.key)
    expect((await cafe.get(signed('https://id.test/caf\\u00e9'))).status).toBe(200)
    expect((await cafe.get(signed('https:\\/\\/id.test\\/c\\u0061f\u00e9'))).status).toBe(200)
    expectRefusal(await cafe.get(signed('https://id.test/cafe\u0301')), 'invalid_token')
    expect(cafe.reason()).toBe('unknown_issuer')
    await cafe.close()
  })
})

describe('RFC 7515 §8 and §10', () => {
  it('refuses a signature over another hash than "alg" says (7515-16)', async () => {
    const input = `${encode(header)}.${encode(payload)}`
    const privateKey = KeyObject.from(issuer.key.privateKey)
    const sha1 = Buffer.from('3021300906052b0e03021a05000414', 'hex')
    const digest = createHash('sha1').update(input).digest()
    const forged = privateEncrypt(privateKey, Buffer.concat([sha1, digest]))
    expectRefusal(await api.get(`${input}.${forged.toString('base64url')}`), 'invalid_token')
    expectRefusal(await api.get(signInput(input, issuer.key, 'RS512')), 'invalid_token')
    expect(api.reason()).toBe('bad_signature')
  })

  it('takes no keys from a server without a trusted certificate (7515-17)', async () => {
    let asked = 0
    const impostor = createTlsServer(SELF_SIGNED, (_req, res) => {
      asked += 1
      res.end(JSON.stringify({ keys: issuer.keys }))
    }).listen(0, '127.0.0.1')
    await once(impostor, 'listening')
    const { port } = impostor.address() as AddressInfo
    const behind = await startApi(issuer, { clock, jwksUri: `https://127.0.0.1:${port}/jwks` })
    expectUnavailable(await behind.get(await issuer.token()))
    expect(asked).toBe(0)
    await behind.close()
    impostor.close()
  })
})
