import { describe, expect, it } from '@jest/globals'
import { testClock } from '../../lib/testing/clock.js'
import { createKeyRing } from '../../lib/testing/key-ring.js'
import { PLAIN } from '../../lib/testing/shapes.js'
import { createTokens, type TestTokens } from '../../lib/testing/tokens.js'

const NOW = 1_800_000_000
const AUDIENCE = 'https://api.test'
const clock = testClock(NOW + 0.7)
const keys = createKeyRing('EdDSA')
const opaque = new Map<string, object>()
const issuer = (): string => 'https://id.test'
const tokens = createTokens({ shape: PLAIN, keys, audience: AUDIENCE, clock, issuer, opaque })

const parse = (part: string): object =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as object

function read(token: string): { header: object; claims: object; signature: string } {
  const [header = '', claims = '', signature = ''] = token.split('.')
  return { header: parse(header), claims: parse(claims), signature }
}

const GOOD = {
  iss: 'https://id.test',
  aud: AUDIENCE,
  sub: 'user-1',
  sid: expect.stringMatching(/^session-\d+$/),
  client_id: 'client-1',
  iat: NOW,
  exp: NOW + 300,
  jti: expect.any(String),
}
const sidOf = (claims: object): unknown => (claims as { sid?: unknown }).sid

type Kind = Exclude<keyof TestTokens, 'authed' | 'opaqueToken' | 'dpopClient' | 'mtlsToken'>

describe('tokens of a test', () => {
  it('differ from each other by their id and their session alone', () => {
    const [one, other] = [read(tokens.token()), read(tokens.token())]
    expect(one.claims).toEqual(GOOD)
    expect({ ...one.claims, jti: '', sid: '' }).toEqual({ ...other.claims, jti: '', sid: '' })
    expect(sidOf(one.claims)).not.toBe(sidOf(other.claims))
    expect(one.claims).not.toMatchObject({ jti: (other.claims as { jti: string }).jti })
  })

  it('belong to sessions that are counted, unless a test names one', () => {
    const own = createTokens({ shape: PLAIN, keys, audience: AUDIENCE, clock, issuer, opaque })
    const sids = [own.token(), own.token({ sid: 'mine' }), own.token({ sid: undefined })]
    expect(sids.map((token) => sidOf(read(token).claims))).toEqual(['session-1', 'mine', undefined])
    expect(sidOf(read(own.token()).claims)).toBe('session-2')
  })

  it.each(['idToken', 'logoutToken'] as const)(
    '%s() is of the session of the token before it, or of one that a test names',
    (kind) => {
      const own = createTokens({ shape: PLAIN, keys, audience: AUDIENCE, clock, issuer, opaque })
      const sid = (claims?: { sid: string | undefined }): unknown =>
        sidOf(read(own[kind](claims)).claims)
      expect(sid()).toBe('session-1')
      for (const named of ['session-1', 'session-2']) {
        expect(sidOf(read(own.token()).claims)).toBe(named)
        expect([sid(), sid()]).toEqual([named, named])
      }
      own.token({ sid: 'mine' })
      expect(sid()).toBe('mine')
      own.token({ sid: undefined })
      expect(sid()).toBe('mine')
      expect([sid({ sid: 'other' }), sid({ sid: undefined })]).toEqual(['other', undefined])
    },
  )

  it.each<[Kind, object]>([
    ['token', {}],
    ['expired', { iat: NOW - 3600, exp: NOW - 3300 }],
    ['notYetValid', { nbf: NOW + 3600, exp: NOW + 3900 }],
    ['wrongAudience', { aud: 'https://another-api.test' }],
    ['wrongIssuer', { iss: 'https://another-issuer.test' }],
    ['unsigned', {}],
    ['algConfusion', {}],
    ['wrongKey', {}],
    [
      'idToken',
      { aud: 'client-1', azp: 'client-1', nonce: expect.any(String), client_id: undefined },
    ],
    [
      'logoutToken',
      {
        aud: 'client-1',
        client_id: undefined,
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      },
    ],
  ])(
    '%s() differs from a good one by what its name says, and by what the test asks for',
    (kind, claims) => {
      expect(read(tokens[kind]()).claims).toEqual({ ...GOOD, ...claims })
      expect(read(tokens[kind]({ sub: 'bob', more: 1 })).claims).toMatchObject({
        sub: 'bob',
        more: 1,
      })
    },
  )

  it.each<[Kind, object]>([
    ['token', { alg: 'EdDSA', kid: 'key-1', typ: 'at+jwt' }],
    ['expired', { alg: 'EdDSA', kid: 'key-1', typ: 'at+jwt' }],
    ['wrongKey', { alg: 'EdDSA', kid: 'key-1', typ: 'at+jwt' }],
    ['unsigned', { alg: 'none', typ: 'at+jwt' }],
    ['algConfusion', { alg: 'HS256', kid: 'key-1', typ: 'at+jwt' }],
    ['idToken', { alg: 'EdDSA', kid: 'key-1', typ: 'JWT' }],
    ['logoutToken', { alg: 'EdDSA', kid: 'key-1', typ: 'logout+jwt' }],
  ])('%s() has the header %j', (kind, header) => {
    expect(read(tokens[kind]()).header).toEqual(header)
  })

  it('have the members of the header that a test asks for', () => {
    expect(read(tokens.token({}, { typ: 'JWT', x: 1 })).header).toMatchObject({ typ: 'JWT', x: 1 })
  })

  it('opaque ones say nothing, and the issuer says of them all that a good token does', () => {
    const token = tokens.opaqueToken({ scope: 'read' })
    expect(token).not.toContain('.')
    expect(opaque.get(token)).toEqual({
      ...GOOD,
      active: true,
      token_type: 'Bearer',
      scope: 'read',
    })
  })

  it('are added to a request as its credential', () => {
    const sent: string[] = []
    const request = { set: (...header: string[]) => sent.push(...header) }
    expect(tokens.authed(request, { sub: 'bob' })).toBe(request)
    expect(sent).toEqual(['Authorization', expect.stringMatching(/^Bearer ey/)])
    expect(read(sent[1]?.slice(7) ?? '').claims).toMatchObject({ sub: 'bob' })
  })
})
