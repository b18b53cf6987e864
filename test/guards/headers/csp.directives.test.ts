import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { compileCsp } from '../../../lib/guards/headers/csp.js'

const check = optionCheck('securityHeaders')

/** By the sections of CSP Level 3, and the standards that add to it. */
describe('a directive', () => {
  it.each([
    ['6.1', 'child-src connect-src default-src font-src frame-src img-src manifest-src media-src'],
    ['6.1', 'object-src script-src script-src-elem script-src-attr style-src style-src-elem'],
    ['6.1', 'style-src-attr worker-src'],
    ['6.3', 'base-uri sandbox'],
    ['6.4', 'form-action frame-ancestors'],
    ['6.5', 'report-uri report-to'],
    ['Trusted Types', 'require-trusted-types-for trusted-types'],
    ['Upgrade Insecure Requests and Fenced Frame', 'upgrade-insecure-requests fenced-frame-src'],
  ])('of §%s is known: %s', (_section, names) => {
    for (const name of names.split(' ')) {
      const { plain } = compileCsp(check, { 'default-src': ["'none'"], [name]: ["'self'"] }, false)
      expect(plain).toContain(`${name} 'self'`)
    }
  })

  it.each(['script-source', 'img_src', 'reflected-xss'])('%s is none', (name) => {
    expect(() => compileCsp(check, { [name]: ["'self'"] }, false)).toThrow(`"${name}"`)
  })
})
