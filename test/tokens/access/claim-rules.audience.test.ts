import { describe, expect, it } from '@jest/globals'
import { judgeMeaning } from '../../../lib/tokens/access/claim-rules.js'
import { claimsWith, policyOf, reasonOf } from '../../support/policy.js'

/** Whether a token for `aud` is for an API that calls itself `audience`. */
function isFor(aud: unknown, audience: string, audienceMatch?: 'uri'): boolean {
  const policy = policyOf({ audience, ...(audienceMatch && { audienceMatch }) })
  return reasonOf(() => judgeMeaning(claimsWith({ aud }), policy)) === undefined
}

describe('an audience that is compared as a URI (RFC 3986 §6.2.2.1)', () => {
  it.each([
    ['https://api.test', 'https://api.test', true],
    ['HTTPS://API.Test', 'https://api.test', true],
    ['https://api.test', 'HTTPS://API.Test', true],
    ['https://api.test/Path?Query', 'https://API.test/Path?Query', true],
    ['https://api.test/path', 'https://api.test/Path', false],
    ['https://api.test?q', 'https://api.test?Q', false],
    ['https://api.test#f', 'https://api.test#F', false],
    ['https://api.test/', 'https://api.test', false],
    ['http://api.test', 'https://api.test', false],
    ['https://api.test.evil.test', 'https://api.test', false],
    ['a2+x-y.z://API', 'A2+X-Y.Z://api', true],
    ['urn:API', 'urn:api', false],
    ['2a://API', '2a://api', false],
    ['x https://API', 'x https://api', false],
    ['client-1', 'CLIENT-1', false],
  ])('"%s" is that of %s: %s', (aud, audience, expected) => {
    expect(isFor(aud, audience, 'uri')).toBe(expected)
    expect(isFor(['other', aud], audience, 'uri')).toBe(expected)
  })

  it('is compared letter by letter unless told so', () => {
    expect(isFor('https://API.test', 'https://api.test')).toBe(false)
    expect(isFor('https://api.test', 'https://api.test')).toBe(true)
  })
})
