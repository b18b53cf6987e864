import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import {
  compileParameters,
  compileRedirectUri,
  compileScopes,
  safeUrl,
} from '../../../../lib/session/handler/login/login-options.js'

const check = optionCheck('tokenHandler')

describe('redirectUri', () => {
  it.each([
    'https://app.test/auth/callback',
    'https://app.test/callback',
    'http://localhost:3000/auth/callback',
    'http://127.0.0.1/callback',
    'http://[::1]:3000/callback',
  ])('may be %s', (url) => {
    expect(compileRedirectUri(check, url).href).toBe(url)
    expect(compileRedirectUri(check, new URL(url)).href).toBe(url)
  })

  it.each([
    'http://app.test/callback',
    'http://localhost.app.test/callback',
    'https://app.test/callback#x',
    'https://user@app.test/callback',
    'ftp://localhost/callback',
    '/callback',
    '',
  ])('is refused where the answer of the issuer would go astray: "%s"', (url) => {
    expect(() => compileRedirectUri(check, url)).toThrow('"redirectUri" must be an https URL')
  })

  it.each(['https://app.test/', 'https://app.test/callback/', 'https://app.test/callback?a=b'])(
    'is refused where no route would be found: %s',
    (url) => {
      expect(() => compileRedirectUri(check, url)).toThrow('must end with "/callback"')
    },
  )
})

it('names the option in the complaint about a URL', () => {
  expect(() => safeUrl(check, 'afterLogout', 'http://app.test/')).toThrow(
    /^tokenHandler: "afterLogout" must be an https URL, got "http:\/\/app.test\/"/,
  )
})

describe('scopes', () => {
  it.each<[string | string[], string[]]>([
    ['notes:read notes:write', ['openid', 'notes:read', 'notes:write']],
    [['notes:read'], ['openid', 'notes:read']],
    [
      ['openid', 'a', 'a'],
      ['openid', 'a'],
    ],
    [[], ['openid']],
  ])('%j are asked for as %j', (option, scopes) => {
    expect(compileScopes(check, option)).toEqual(scopes)
  })

  it.each([['a"b'], [['a b']], [['a', 'ü']], [[5]], [7], [undefined], ['']])(
    'refuse %j',
    (option) => {
      expect(() => compileScopes(check, option as never)).toThrow(/^tokenHandler: "scopes" must/)
    },
  )
})

describe('loginParameters', () => {
  it('are texts of any other name', () => {
    const given = { resource: 'https://api.test', prompt: 'consent' }
    expect(compileParameters(check, given)).toEqual(given)
  })

  it.each([
    'client_id',
    'client_secret',
    'redirect_uri',
    'scope',
    'response_type',
    'response_mode',
    'state',
    'nonce',
    'code_challenge',
    'code_challenge_method',
    'request',
    'request_uri',
  ])('cannot set %s, which protects the login', (name) => {
    expect(() => compileParameters(check, { [name]: 'x' })).toThrow(`leave out ${name}`)
  })

  it.each([
    [{ resource: 5 }, '"loginParameters.resource" must be a non-empty string'],
    [{ resource: '' }, '"loginParameters.resource" must be a non-empty string'],
    ['resource=x', '"loginParameters" must be an object of texts'],
    [null, '"loginParameters" must be an object of texts'],
  ])('refuse %j', (option, complaint) => {
    expect(() => compileParameters(check, option)).toThrow(complaint)
  })
})
