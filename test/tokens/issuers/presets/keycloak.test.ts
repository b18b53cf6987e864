import { describe, expect, it } from '@jest/globals'
import {
  keycloak,
  KEYCLOAK_DEFAULT_AUDIENCE,
  KEYCLOAK_KINDS,
  KEYCLOAK_MISTAKES,
} from '../../../../lib/tokens/issuers/presets/keycloak.js'

const OPTIONS = { baseUrl: 'https://id.test', realm: 'acme', audience: 'api' }

describe('keycloak', () => {
  it.each([
    ['api', ['realm_access.roles', 'resource_access.api.roles']],
    [
      ['a', 'b'],
      ['realm_access.roles', 'resource_access.a.roles', 'resource_access.b.roles'],
    ],
  ])('of the API %j has roles of the realm and of the API', (audience, roles) => {
    expect(keycloak({ ...OPTIONS, audience })).toEqual({
      issuer: 'https://id.test/realms/acme',
      audience,
      claims: { roles },
    })
  })

  it('may lie below a path', () => {
    const { issuer } = keycloak({ ...OPTIONS, baseUrl: 'https://id.test/auth' })
    expect(issuer).toBe('https://id.test/auth/realms/acme')
  })

  it.each<[object, string]>([
    [{ baseUrl: 'id.test' }, '"baseUrl" must be like https://id.example.com'],
    [{ baseUrl: 'https://id.test/' }, '"baseUrl" must be like'],
    [{ baseUrl: 'https://id.test/realms/acme' }, '"baseUrl" must be like'],
    [{ realm: 'a/b' }, '"realm" must be made of letters'],
    [{ realm: '..' }, '"realm" must be made of letters'],
    [{ audience: [] }, '"audience" must be a non-empty string'],
    [{ url: 'x' }, 'unknown option "url"'],
  ])('refuses %j', (changes, complaint) => {
    expect(() => keycloak({ ...OPTIONS, ...changes })).toThrow(`keycloak: ${complaint}`)
  })

  it('says in "typ" what a token is', () => {
    expect(KEYCLOAK_KINDS).toEqual({
      claim: 'typ',
      access: ['Bearer', 'DPoP'],
      id: ['ID'],
      others: ['Refresh', 'Offline', 'Logout'],
    })
    expect(KEYCLOAK_DEFAULT_AUDIENCE).toEqual([
      'account',
      expect.stringContaining('audience mapper'),
    ])
  })

  it.each([
    ['https://id.test/realms/acme', true],
    ['https://id.test/auth/realms/acme', true],
    ['https://id.test/realms/acme/', false],
    ['https://id.test/realms/', false],
    ['https://id.test/acme', false],
  ])('knows its users: %s', (issuer, known) => {
    expect(KEYCLOAK_MISTAKES.issuer.test(issuer)).toBe(known)
    expect(KEYCLOAK_MISTAKES.fixes.unknown_issuer).toMatch(/KC_HOSTNAME/)
  })
})
