import { expect, it } from '@jest/globals'
import { rfc9068 } from '../../../../lib/tokens/issuers/presets/rfc9068.js'

it('rfc9068 takes what the profile says, with its three claims of roles', () => {
  expect(rfc9068({ issuer: 'https://id.test', audience: 'api' })).toEqual({
    issuer: 'https://id.test',
    audience: 'api',
    profile: 'rfc9068',
    claims: { roles: ['roles', 'groups', 'entitlements'] },
  })
  expect(() => rfc9068({ url: 'https://id.test' } as never)).toThrow(
    'rfc9068: unknown option "url"',
  )
})
