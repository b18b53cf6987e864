import { describe, expect, it } from '@jest/globals'
import { ACCESS_RULES } from '../../lib/audit/access-rules.js'
import type { AuditStatus, BearerFacts } from '../../lib/audit/rule.js'
import type { GuardFacts } from '../../lib/http/guard/facts.js'

const BEARER: BearerFacts = {
  kind: 'bearer',
  issuers: [],
  elsewhere: undefined,
  optional: false,
  cookie: undefined,
  proof: 'required',
  introspection: 'none',
  throttle: true,
}
const SEALED = { name: '__Host-t', sealed: true }

/** How a rule, found by a word of what it asks, rates these guards beside a bearer of the best kind. */
function rate(
  word: string,
  bearer: Partial<BearerFacts>,
  others: readonly GuardFacts[],
): { status: AuditStatus; why: string } | undefined {
  const [rule, ...more] = ACCESS_RULES.filter(({ asks }) => asks.includes(word))
  expect([rule?.asks, more]).toEqual([expect.any(String), []])
  const bearers = [
    { ...BEARER, ...(bearer.cookie && { cookie: SEALED }) },
    { ...BEARER, ...bearer },
  ]
  const facts: readonly GuardFacts[] = [...bearers, ...others]
  return rule?.rate({
    bearers,
    issuers: [],
    of: (kind) =>
      facts.filter(
        (each): each is Extract<GuardFacts, { kind: typeof kind }> => each.kind === kind,
      ),
  })
}

const blocklist = (onUnavailable: string): GuardFacts => ({ kind: 'blocklist', onUnavailable })
const csrf = (reportOnly: boolean): GuardFacts => ({ kind: 'csrf', reportOnly })
const bare = { cookie: { name: 't', sealed: false } }
const sealed = { cookie: SEALED }

describe('rules about access', () => {
  it.each<[string, Partial<BearerFacts>, GuardFacts[], AuditStatus | undefined, string]>([
    ['A stolen token', {}, [], 'met', 'Each token'],
    ['A stolen token', { proof: 'taken' }, [], 'weak', 'Proofs are taken'],
    ['A stolen token', { proof: 'none' }, [], 'weak', 'Proofs are taken'],
    ['what a token must grant', {}, [], 'weak', 'No such guard'],
    ['what a token must grant', {}, [{ kind: 'rights' }], 'met', 'By guards'],
    ['issuer and subject', {}, [], 'unknown', 'Only the app'],
    ['After a logout', {}, [blocklist('refuse')], 'met', 'A denylist'],
    ['After a logout', { introspection: 'all' }, [], 'weak', 'A token works'],
    ['After a logout', { introspection: 'opaque' }, [], 'weak', 'A token works'],
    ['cannot be judged', {}, [], 'met', 'An outage is 503'],
    ['cannot be judged', {}, [blocklist('refuse')], 'met', 'An outage is 503'],
    ['cannot be judged', {}, [blocklist('a function')], 'weak', 'A function'],
    [
      'cannot be judged',
      {},
      [blocklist('a function'), blocklist('dangerouslyAllow')],
      'missing',
      'While the denylist',
    ],
    ['foreign page', {}, [], undefined, ''],
    ['foreign page', {}, [csrf(false)], 'met', 'By csrfGuard'],
    ['foreign page', {}, [csrf(false), csrf(true)], 'weak', 'csrfGuard only reports'],
    ['foreign page', sealed, [], 'met', 'The check is welded'],
    ['__Host-', {}, [], undefined, ''],
    ['__Host-', sealed, [], 'met', '__Host-t, __Host-t'],
    ['__Host-', bare, [], 'weak', 't has no prefix'],
    ['is encrypted', {}, [], undefined, ''],
    ['is encrypted', sealed, [], 'met', 'It is sealed'],
    ['is encrypted', bare, [], 'weak', 'The token stands in it'],
    ['security headers', {}, [], 'weak', 'None are seen'],
    ['security headers', {}, [{ kind: 'headers' }], 'met', 'By securityHeaders'],
    ['guesses', {}, [], 'met', 'Networks'],
    ['guesses', { throttle: false }, [], 'weak', 'Bad tokens'],
    ['open by mistake', {}, [], 'met', 'Without a token'],
    ['open by mistake', { optional: true }, [], 'weak', 'Requests without'],
  ])('"%s" with %j and %j: %s', (word, bearer, others, status, why) => {
    const rating = rate(word, bearer, others)
    expect(rating?.status).toBe(status)
    expect(rating?.why ?? '').toContain(why)
  })

  it.each([
    ['A stolen token', { proof: 'none' }, 'weak', 'Every holder'],
    ['After a logout', { introspection: 'all' }, 'met', 'The issuer is asked'],
  ] as const)('"%s" with %j at each bearer: %s', (word, bearer, status, why) => {
    const rule = ACCESS_RULES.find(({ asks }) => asks.includes(word))
    const bearers = [{ ...BEARER, ...bearer }]
    const rating = rule?.rate({ bearers, issuers: [], of: () => [] })
    expect(rating).toEqual({ status, why: expect.stringContaining(why) })
  })
})
