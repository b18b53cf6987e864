import { describe, expect, it } from '@jest/globals'
import { hydra, HYDRA_MISTAKES } from '../../../../lib/tokens/issuers/presets/hydra.js'

describe('hydra', () => {
  it('has roles at the top or beside other claims of the app', () => {
    expect(hydra({ issuer: 'https://hydra.test', audience: 'api' })).toEqual({
      issuer: 'https://hydra.test',
      audience: 'api',
      claims: { clientId: 'client_id', roles: ['roles', 'ext.roles'] },
    })
  })

  it('may be told otherwise, claim by claim', () => {
    const options = { issuer: 'https://hydra.test', audience: 'api', claims: { roles: 'groups' } }
    expect(hydra(options).claims).toEqual({ clientId: 'client_id', roles: 'groups' })
    expect(() => hydra({ ...options, url: 'x' } as never)).toThrow('hydra: unknown option "url"')
  })

  it('tells its users how to mend what they meet', () => {
    expect(HYDRA_MISTAKES.fixes.malformed_token).toMatch(/strategies\.access_token to jwt/)
    expect(HYDRA_MISTAKES.fixes.wrong_audience).toMatch(/allow the audience at the client/)
  })

  it.each([
    ['https://acme.projects.oryapis.com', true],
    ['https://acme.projects.oryapis.com/', true],
    ['https://hydra.acme.test/', true],
    ['https://hydrant.acme.test/', false],
    ['https://acme.oryapis.com.evil.test', false],
    ['https://acme.projects.oryapis.com.evil.test', false],
  ])('knows its users: %s', (issuer, known) => {
    expect(HYDRA_MISTAKES.issuer.test(issuer)).toBe(known)
  })
})
