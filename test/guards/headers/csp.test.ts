import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { compileCsp, type CspDirectives } from '../../../lib/guards/headers/csp.js'

const check = optionCheck('securityHeaders')
const NONCE = "'nonce-{nonce}'"

describe('a policy', () => {
  it.each<[string, CspDirectives, string]>([
    ['of one directive', { 'default-src': ["'none'"] }, "default-src 'none'"],
    [
      'of several, in their order, with their sources',
      { 'default-src': ["'self'", 'https://cdn.test'], 'img-src': ['data:'] },
      "default-src 'self' https://cdn.test;img-src data:",
    ],
    [
      'of a directive without sources',
      { 'upgrade-insecure-requests': [], 'default-src': ["'self'"] },
      "upgrade-insecure-requests;default-src 'self'",
    ],
  ])('%s is written as it is', (_name, directives, written) => {
    expect(compileCsp(check, directives, false)).toEqual({
      name: 'Content-Security-Policy',
      plain: written,
      withNonce: undefined,
    })
  })

  it('may be reported only', () => {
    const { name } = compileCsp(check, { 'default-src': ["'none'"] }, true)
    expect(name).toBe('Content-Security-Policy-Report-Only')
  })

  it('has the nonce of a response wherever one may stand, and none where nobody asked for it', () => {
    const directives = {
      'default-src': [NONCE, "'strict-dynamic'"],
      'style-src': ["'self'", NONCE],
    }
    const { plain, withNonce } = compileCsp(check, directives, false)
    expect(plain).toBe("default-src 'strict-dynamic';style-src 'self'")
    expect(withNonce!('abc')).toBe(
      "default-src 'nonce-abc' 'strict-dynamic';style-src 'self' 'nonce-abc'",
    )
  })

  it.each<[string, unknown, string]>([
    [
      'of an unknown directive',
      { 'scripts-src': [] },
      'contentSecurityPolicy: unknown option "scripts-src"',
    ],
    [
      'of a name in camel case',
      { defaultSrc: [] },
      'contentSecurityPolicy: unknown option "defaultSrc"',
    ],
    ['that is no object', 'default-src', 'contentSecurityPolicy: options must be an object'],
    ['with a source that is no source', { 'default-src': ['a;b'] }, 'securityHeaders: '],
    ['with a keyword that lacks its quotes', { 'default-src': ['self'] }, 'securityHeaders: '],
  ])('%s is refused', (_name, directives, complaint) => {
    expect(() => compileCsp(check, directives as CspDirectives, false)).toThrow(complaint)
  })

  it('that the library refuses tells why', () => {
    expect(() => compileCsp(check, { 'default-src': ['a;b'] }, false)).toThrow(
      /^securityHeaders: Content-Security-Policy/,
    )
  })
})
