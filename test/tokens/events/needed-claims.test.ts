import { describe, expect, it } from '@jest/globals'
import {
  judgeAudience,
  missingClaim,
  neededText,
} from '../../../lib/tokens/events/needed-claims.js'

const OURS = ['one', 'two']

describe('the audience of an event token', () => {
  it.each<[string, 'all' | 'one', unknown, boolean]>([
    ['one of ours', 'all', 'one', true],
    ['several of ours', 'all', ['two', 'one'], true],
    ['one of ours beside a stranger', 'all', ['one', 'other'], false],
    ['one of ours beside a stranger', 'one', ['one', 'other'], true],
    ['strangers', 'one', ['other'], false],
    ['nobody', 'all', [], false],
    ['nobody', 'one', undefined, false],
    ['no text', 'one', 7, false],
  ])('%s is taken where %s must be ours: %j is %p', (_what, share, aud, isTaken) => {
    const refusal = judgeAudience({ aud }, OURS, { share, noun: 'receiver' })
    expect(refusal === undefined).toBe(isTaken)
  })

  it('is told with those that were expected', () => {
    expect(judgeAudience({ aud: 'x' }, OURS, { share: 'all', noun: 'client' })).toMatchObject({
      reason: 'wrong_audience',
      detail: 'Expected the client ["one","two"], got ["x"]',
    })
  })
})

describe('a claim that an event token must have', () => {
  it.each([
    [{ jti: 'a' }, 'a'],
    [{ jti: '' }, { reason: 'missing_claim', detail: 'The token has no "jti"' }],
    [{}, { reason: 'missing_claim', detail: 'The token has no "jti"' }],
    [{ jti: 7 }, { code: 'invalid_token' }],
  ])('in %j is %j', (claims, expected) => {
    const got = neededText(claims, 'jti', 'token')
    expect({ got }).toMatchObject({ got: expected })
  })

  it('is told with the way out', () => {
    expect(missingClaim('logout token', 'exp', '. Set it').detail).toBe(
      'The logout token has no "exp". Set it',
    )
  })
})
