import { describe, expect, it } from '@jest/globals'
import type { AuthErrorReason } from '../../../lib/index.js'
import { judgeHeader, type HeaderRules } from '../../../lib/tokens/jwt/header.js'
import { reasonOf, refusalOf, taken } from '../../support/policy.js'

type Header = Readonly<Record<string, unknown>>

const algorithms = new Set(['RS256', 'ES256'])

function judge(header: Header, profile: HeaderRules['profile'] = 'lenient') {
  const jwt = { signingInput: '', header, claims: {}, payload: '{}', signature: '' }
  return judgeHeader(jwt, { algorithms, profile })
}

const judged = (header: Header, profile?: HeaderRules['profile']): AuthErrorReason | undefined =>
  reasonOf(() => judge(header, profile))

/** Typed JWTs that an issuer may sign with the keys of its access tokens. */
const FOREIGN_TYPES = [
  'oauth-id-jag+jwt',
  'oauth-authz-req+jwt',
  'token-introspection+jwt',
  'client-authentication+jwt',
  'secevent+jwt',
  'dpop+jwt',
  'id_token+jwt',
  'entity-statement+jwt',
  'vc+sd-jwt',
  'kb+jwt',
  'global-token-revocation+jwt',
]

describe('judgeHeader', () => {
  it('tells what chooses how the signature is checked', () => {
    expect(judge({ alg: 'ES256', kid: 'a' })).toEqual({ algorithm: 'ES256', keyId: 'a' })
    expect(judge({ alg: 'RS256' })).toEqual({ algorithm: 'RS256', keyId: undefined })
  })

  it.each(['none', 'rs256', 'RS256 ', 'HS256', '', undefined, null, ['RS256'], 'has'])(
    'refuses the algorithm %j, which is not on the list (7515-03)',
    (alg) => {
      expect(judged({ alg })).toBe('algorithm_not_allowed')
    },
  )

  it('tells the log which algorithm came', () => {
    expect(refusalOf(() => judge({ alg: 'none' }))?.detail).toContain('names none,')
    expect(refusalOf(() => judge({}))?.detail).toContain('names no algorithm,')
  })

  it('names the option that would let another algorithm pass', () => {
    expect(refusalOf(() => judge({ alg: 'HS256' }))?.detail).toMatch(/shared "secret"$/)
    expect(refusalOf(() => judge({ alg: 'none' }))?.detail).toMatch(
      /Allowed: RS256, ES256; see "algorithms"$/,
    )
    for (const alg of ['XHS256', 'HS2567']) {
      expect(refusalOf(() => judge({ alg }))?.detail).toContain('Allowed')
    }
  })

  it.each(['HS256', 'HS384', 'HS512'])('names no secret where one is set, for %s', (secret) => {
    const jwt = { signingInput: '', header: { alg: 'HS000' }, claims: {}, payload: '{}', signature: '' } // prettier-ignore
    const rules = { algorithms: new Set([secret]), profile: 'lenient' as const }
    expect(refusalOf(() => judgeHeader(jwt, rules))?.detail).toContain(`Allowed: ${secret};`)
  })

  it.each([{ crit: ['x'] }, { crit: [] }, { crit: null }, { b64: true }, { b64: null }])(
    'refuses a critical header: %j (7515-07)',
    (extra) => {
      expect(judged({ alg: 'RS256', ...extra })).toBe('critical_header')
    },
  )

  it.each<[HeaderRules['profile'], readonly unknown[]]>([
    ['lenient', [undefined, 'jwt', 'at+jwt']],
    ['rfc9068', ['at+jwt']],
    ['id_token', [undefined, 'jwt']],
    ['logout_token', [undefined, 'jwt', 'logout+jwt']],
    ['token_introspection', ['token-introspection+jwt']],
    ['security_event', ['secevent+jwt']],
    ['untyped_event', [undefined, 'jwt', 'secevent+jwt']],
    ['global_token_revocation', ['global-token-revocation+jwt']],
  ])(
    'takes in the profile %s the types %j and no other (8725-22, 9068-03)',
    (profile, accepted) => {
      const types = [undefined, 'jwt', 'at+jwt', 'logout+jwt', ...FOREIGN_TYPES, 'jose', '']
      const passing = types.filter((typ) => judged({ alg: 'RS256', typ }, profile) === undefined)
      expect(passing).toEqual(accepted)
      const wrong = types.filter((typ) => !accepted.includes(typ))
      expect(wrong.map((typ) => judged({ alg: 'RS256', typ }, profile))).toEqual(
        wrong.map(() => 'wrong_type'),
      )
    },
  )

  it.each(['AT+JWT', 'application/at+jwt', 'APPLICATION/AT+jwt'])(
    'reads %s as a media type (7515-06)',
    (typ) => {
      expect(judged({ alg: 'RS256', typ }, 'rfc9068')).toBeUndefined()
    },
  )

  it.each(['text/at+jwt', 'application/application/at+jwt', 'at+jwt/application/', ' at+jwt'])(
    'takes %j for another type (7515-06)',
    (typ) => {
      expect(judged({ alg: 'RS256', typ }, 'rfc9068')).toBe('wrong_type')
    },
  )

  it.each([null, 1, ['at+jwt'], {}, false])('takes the type %j for no type of ours', (typ) => {
    for (const profile of ['lenient', 'rfc9068', 'id_token', 'logout_token'] as const) {
      expect(judged({ alg: 'RS256', typ }, profile)).toBe('wrong_type')
    }
  })

  it.each<[unknown, HeaderRules['profile'], string]>([
    [
      'logout+jwt',
      'lenient',
      'is "logout+jwt"; the profile \'lenient\' takes none or jwt or at+jwt',
    ],
    ['JWT', 'rfc9068', 'is "JWT"; the profile \'rfc9068\' takes at+jwt'],
    [undefined, 'rfc9068', "is missing; the profile 'rfc9068' takes at+jwt"],
    [['at+jwt'], 'id_token', "is no text; the profile 'id_token' takes none or jwt"],
    [
      `a\n${'x'.repeat(99)}`,
      'rfc9068',
      `is "a?${'x'.repeat(38)}..."; the profile 'rfc9068' takes at+jwt`,
    ],
  ])('names the type %j, in one line of bounded length', (typ, profile, said) => {
    const refusal = refusalOf(() => judge({ alg: 'RS256', typ }, profile))
    expect(refusal?.detail).toBe(`The token's "typ" ${said}`)
  })

  it('takes a "kid" of up to 512 characters, which may be empty (7515-05)', () => {
    expect(taken(judge({ alg: 'RS256', kid: 'k'.repeat(512) })).keyId).toHaveLength(512)
    expect(taken(judge({ alg: 'RS256', kid: '' })).keyId).toBe('')
    expect(judged({ alg: 'RS256', kid: 'k'.repeat(513) })).toBe('malformed_token')
  })

  it.each([null, 1, ['a'], {}, true])(
    'refuses the "kid" %j, which is no string (7515-05)',
    (kid) => {
      expect(judged({ alg: 'RS256', kid })).toBe('malformed_token')
    },
  )

  it('reads nothing that a header inherits', () => {
    const header = Object.create({ alg: 'RS256', kid: 'inherited', crit: [] }) as Header
    expect(judged(header)).toBe('algorithm_not_allowed')
    expect(
      taken(judge(Object.assign(Object.create({ kid: 'x' }) as Header, { alg: 'RS256' }))).keyId,
    ).toBe(undefined)
  })
})
