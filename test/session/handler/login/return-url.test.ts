import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import { judgeReturnUrl } from '../../../../lib/session/handler/login/return-url.js'

const ORIGIN = 'https://app.example.com'
const PAGE = `${ORIGIN}/auth/callback?code=x`

/** Where a browser goes that reads it on our page. */
function hostOf(path: string): string {
  return new URL(path, PAGE).host
}

describe('judgeReturnUrl', () => {
  it('leads to the first page where nothing is asked for', () => {
    expect(judgeReturnUrl(undefined, ORIGIN)).toBe('/')
  })

  it.each([
    '/notes',
    '/notes?next=https://evil.example/#x',
    '/@evil.example',
    '/%2f%2fevil.example',
    '/%5c%5cevil.example',
    '/.evil.example',
    '/..//evil.example',
    '/a//evil.example',
    '/:443',
    '/?//evil.example',
  ])('takes %s, which is a path on this host whatever it looks like', (path) => {
    expect(judgeReturnUrl(path, ORIGIN)).toBe(path)
    expect(hostOf(path)).toBe('app.example.com')
  })

  it.each([
    'https://evil.example',
    'HTTPS:evil.example',
    'https:/evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\r\n/evil.example',
    '\t//evil.example',
    '\u0000//evil.example',
    '\u2028//evil.example',
    '／／evil.example',
    '/／evil.example',
    '//app.example.com@evil.example',
    '//app.example.com',
    ORIGIN,
    'javascript:alert(1)',
    'notes',
    '?x',
    '#x',
    '',
    '/é',
    '/ x',
  ])('refuses %j', (path) => {
    expect(judgeReturnUrl(path, ORIGIN)).toBeInstanceOf(AuthError)
  })

  it('takes a path of 1024 characters, and no longer one', () => {
    const longest = `/${'a'.repeat(1023)}`
    expect(judgeReturnUrl(longest, ORIGIN)).toBe(longest)
    expect(judgeReturnUrl(`${longest}a`, ORIGIN)).toBeInstanceOf(AuthError)
  })

  it('says why it refuses, and repeats nothing of what came', () => {
    expect(judgeReturnUrl('https://evil.example', ORIGIN)).toMatchObject({
      code: 'login_failed',
      reason: 'foreign_return_url',
      detail: 'return_to is no path on this host, or longer than 1024 characters',
    })
  })

  it('takes no text at all that leads a browser to another host', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      ':',
      '@',
      '\t',
      '\n',
      '%2f',
      '?',
      '#',
      'https:',
      'evil.example',
      ' ',
    )
    const texts = fc.oneof(fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')), fc.string()) // prettier-ignore
    fc.assert(
      fc.property(texts, (text) => {
        const judged = judgeReturnUrl(text, ORIGIN)
        expect(judged instanceof AuthError || hostOf(judged) === 'app.example.com').toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
