import { describe, expect, it } from '@jest/globals'
import { normaliseTarget, normaliseUri } from '../../../../lib/tokens/proof/dpop/target-uri.js'

describe('a URI in one spelling', () => {
  it.each<[string, string, string]>([
    ['https://api.test', 'https://api.test', '/'],
    ['HTTPS://API.test/A', 'https://api.test', '/A'],
    ['https://api.test:443/a', 'https://api.test', '/a'],
    ['http://api.test:80/a', 'http://api.test', '/a'],
    ['http://api.test:443/a', 'http://api.test:443', '/a'],
    ['https://api.test:0443/a', 'https://api.test', '/a'],
    ['https://api.test:00443/a', 'https://api.test', '/a'],
    ['https://api.test:8008/a', 'https://api.test:8008', '/a'],
    ['https://api.test:/a', 'https://api.test', '/a'],
    ['https://api.test:0/a', 'https://api.test:0', '/a'],
    ['https://[2001:DB8::1]:8443/a', 'https://[2001:db8::1]:8443', '/a'],
    ['https://api.test/a?b=1#c', 'https://api.test', '/a'],
    ['https://api.test/a#c/d?e', 'https://api.test', '/a'],
    ['https://api.test/%7euser/%2fa%2F', 'https://api.test', '/~user/%2Fa%2F'],
    ['https://%61pi.test/', 'https://api.test', '/'],
    ['https://api.test/a/./b/../c', 'https://api.test', '/a/c'],
    ['https://api.test/a/..', 'https://api.test', '/'],
    ['https://api.test/a/b/..', 'https://api.test', '/a/'],
    ['https://api.test/a/.', 'https://api.test', '/a/'],
    ['https://api.test/../../a', 'https://api.test', '/a'],
    ['https://api.test/a/%2e%2E/b', 'https://api.test', '/b'],
    ['https://api.test/a/.b', 'https://api.test', '/a/.b'],
    ['https://api.test//a//', 'https://api.test', '//a//'],
    ["https://api.test/!$&'()*+,;=:@-._~", 'https://api.test', "/!$&'()*+,;=:@-._~"],
  ])('%s', (uri, origin, path) => {
    expect(normaliseUri(uri)).toEqual({ origin, path })
  })

  it.each([
    'api.test/a',
    'ftp://api.test/a',
    'xhttps://api.test/a',
    'https:///a',
    'https://user@api.test/a',
    'https://api.test:123456/a',
    'https://api.test:x/a',
    'https://api.testa b',
    'https://api.test/a b',
    'https://api.test/ä',
    'https://api.test/%zz',
    'https://api.test/%2',
    'https://%zz.test/',
    'https://api.test\\a',
    'https://api.test/a\n',
    'https://[::1/a',
    '',
    `https://api.test/${'a'.repeat(4096 - 16)}`,
  ])('is none: %j', (uri) => {
    expect(normaliseUri(uri)).toBeUndefined()
  })

  it('may be 4096 characters long', () => {
    expect(normaliseUri(`https://api.test/${'a'.repeat(4096 - 17)}`)).toBeDefined()
  })
})

describe('the target of a request', () => {
  it.each<[string, string | undefined]>([
    ['/a/../b?c', '/b'],
    ['/%61', '/a'],
    ['/v1.2/notes_~-7', '/v1.2/notes_~-7'],
    ['/a/.b/...', '/a/.b/...'],
    ['/a/', '/a/'],
    ['/.', '/'],
    ['/a/.', '/a/'],
    ['/a\n', undefined],
    ['//evil.test/a', '//evil.test/a'],
    ['*', undefined],
    ['https://api.test/a', undefined],
    ['', undefined],
    ['/a b', undefined],
  ])('%j has the path %p', (target, path) => {
    expect(normaliseTarget(target)).toBe(path)
  })
})
