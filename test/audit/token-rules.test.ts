import { describe, expect, it } from '@jest/globals'
import { TOKEN_RULES } from '../../lib/audit/token-rules.js'
import type { BearerFacts } from '../../lib/audit/rule.js'
import type { IssuerFacts } from '../../lib/http/guard/facts.js'

const GOOD: IssuerFacts = {
  issuer: 'https://a.test',
  audiences: ['https://api.test'],
  clientIds: undefined,
  algorithms: ['ES256'],
  profile: 'rfc9068',
  clockToleranceSeconds: 5,
  keys: 'discovery',
  plainHttp: [],
}

/** How a rule, found by a word of what it asks, rates an issuer beside a good one. */
function rate(
  word: string,
  issuers: readonly Partial<IssuerFacts>[],
  bearer: Partial<BearerFacts> = {},
): { status: string; why: string } | undefined {
  const [rule, ...others] = TOKEN_RULES.filter(({ asks }) => asks.includes(word))
  expect([rule?.asks, others]).toEqual([expect.any(String), []])
  const all = issuers.map((issuer) => ({ ...GOOD, ...issuer }))
  const bearers = [{ kind: 'bearer', issuers: all, ...bearer } as unknown as BearerFacts]
  return rule?.rate({ bearers, issuers: all, of: () => [] })
}

const other = { issuer: 'https://b.test' }

describe('rules about tokens', () => {
  it.each([
    ['signature', 'No option turns it off'],
    ['algorithms', 'ES256; ES256'],
    ['shared secret', 'Keys are public ones'],
    ['by configuration', expect.stringContaining('never pooled')],
    ['found by metadata', 'discovery, discovery'],
    ['TLS', 'https, but for this machine'],
    ['for this API', 'https://api.test; https://api.test'],
    ['another kind', 'typ must be at+jwt'],
    ['exp and nbf', 'With 5 s of tolerance, on tokens known from before too'],
  ])('"%s" is met by good issuers', (word, why) => {
    expect(rate(word, [{}, other])).toEqual({ status: 'met', why })
  })

  const five = ['RS256', 'RS384', 'ES256', 'ES384', 'EdDSA']
  it.each<[string, Partial<IssuerFacts>, string, RegExp]>([
    ['algorithms', { algorithms: five }, 'weak', /for https:\/\/b\.test;/],
    ['algorithms', { algorithms: five.slice(1) }, 'met', /^ES256; RS384, ES256, ES384, EdDSA$/],
    ['shared secret', { keys: 'a shared secret' }, 'weak', /^https:\/\/b\.test shares/],
    ['found by metadata', { keys: 'fixed' }, 'weak', /^The keys of https:\/\/b\.test are/],
    ['TLS', { plainHttp: ['x.test', 'y.test'] }, 'missing', /lets x\.test, y\.test answer/],
    ['for this API', { audiences: undefined }, 'weak', /a claim alone/],
    [
      'for this API',
      { audiences: undefined, clientIds: ['c'] },
      'weak',
      /of https:\/\/b\.test have/,
    ],
    ['another kind', { profile: 'id_token' }, 'weak', /^ID tokens of https:\/\/b\.test are taken/],
    ['another kind', { profile: 'jwt' }, 'weak', /^https:\/\/b\.test: /],
    ['exp and nbf', { clockToleranceSeconds: 30 }, 'met', /^With 30 s/],
    ['exp and nbf', { clockToleranceSeconds: 31 }, 'weak', /passes for 31 s more/],
  ])('"%s" with %j at one of two issuers: %s', (word, issuer, status, why) => {
    expect(rate(word, [{}, { ...other, ...issuer }])).toEqual({
      status,
      why: expect.stringMatching(why),
    })
  })

  it('a claim in place of an audience is told before clients in its place', () => {
    const without = { audiences: undefined }
    const why = rate('for this API', [without, { ...other, ...without, clientIds: ['c'] }])?.why
    expect(why).toMatch(/a claim alone/)
  })

  it.each([
    ['signature', 'verifier', 'unknown'],
    ['signature', 'resolver', 'met'],
    ['by configuration', 'resolver', 'unknown'],
    ['by configuration', 'verifier', 'met'],
  ] as const)('"%s" with a %s of the app: %s', (word, elsewhere, status) => {
    expect(rate(word, [], { elsewhere })?.status).toBe(status)
  })

  it('most say nothing where no issuer is configured', () => {
    const silent = TOKEN_RULES.filter(({ asks }) => rate(asks, []) === undefined)
    expect(silent).toHaveLength(7)
  })

  it('each names its place, and a fix', () => {
    for (const { rule, fix } of TOKEN_RULES) {
      expect([rule, fix]).toEqual([expect.stringMatching(/^RFC \d+/), expect.stringMatching(/\.$/)])
    }
  })
})
