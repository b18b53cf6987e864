import { describe, expect, it } from '@jest/globals'
import { absentCredential } from '../../../lib/http/request/absent-credential.js'
import { FetchHead } from '../../../lib/http/request/fetch-head.js'

const PREFLIGHT = { 'access-control-request-method': 'GET' }

describe('absentCredential', () => {
  it.each([
    ['a preflight', 'OPTIONS', PREFLIGHT, undefined, /CORS preflight.*strictCors/],
    ['a preflight, where a cookie is read', 'OPTIONS', PREFLIGHT, '__Host-at', /CORS preflight/],
    ['other cookies', 'GET', { cookie: 'a=b' }, '__Host-at', /none has the name __Host-at/],
    ['no cookie', 'GET', {}, '__Host-at', /^undefined$/],
    ['cookies that nobody reads', 'GET', { cookie: 'a=b' }, undefined, /^undefined$/],
    ['OPTIONS of another kind', 'OPTIONS', {}, undefined, /^undefined$/],
    ['a header of preflights in a read', 'GET', PREFLIGHT, undefined, /^undefined$/],
  ])('tells what the request shows: %s', (_name, method, headers, cookie, detail) => {
    const sent = headers as Record<string, string>
    const head = new FetchHead(new Request('https://api.test', { method, headers: sent }))
    const error = absentCredential(head, cookie)
    expect([error.code, error.reason]).toEqual(['no_credential', 'no_credential'])
    expect(String(error.detail)).toMatch(detail)
  })
})
