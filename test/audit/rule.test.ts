import { expect, it } from '@jest/globals'
import { met, missing, namesOf, unknown, weak } from '../../lib/audit/rule.js'
import type { IssuerFacts } from '../../lib/http/guard/facts.js'

it.each([
  ['met', met],
  ['weak', weak],
  ['missing', missing],
  ['unknown', unknown],
])('a rating that is called %s says so, with its reason', (status, rating) => {
  expect(rating('because')).toEqual({ status, why: 'because' })
})

const named = (issuer: string): IssuerFacts => ({ issuer }) as IssuerFacts

it('names issuers as a list', () => {
  expect(namesOf([named('https://a.test'), named('https://b.test')])).toBe(
    'https://a.test, https://b.test',
  )
})
