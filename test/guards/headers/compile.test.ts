import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  compileHeaders,
  type CompiledHeaders,
  type SecurityHeadersOptions,
} from '../../../lib/guards/headers/compile.js'

const compile = (options: SecurityHeadersOptions = {}): CompiledHeaders =>
  compileHeaders(optionCheck('securityHeaders'), options)

const valuesOf = (options: SecurityHeadersOptions): Record<string, string> =>
  Object.fromEntries(compile(options).fixed)

describe('the headers of each answer', () => {
  it('of the preset api are these', () => {
    expect(valuesOf({})).toEqual({
      'Content-Security-Policy':
        "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    })
    expect(compile({}).transportSecurity).toEqual([
      'Strict-Transport-Security',
      'max-age=31536000; includeSubDomains',
    ])
    expect(compile({}).csp!.withNonce).toBeUndefined()
  })

  it('of the preset web are others', () => {
    const values = valuesOf({ preset: 'web' })
    expect(values).toMatchObject({
      'Referrer-Policy': 'strict-origin-when-cross-origin',
      'Origin-Agent-Cluster': '?1',
      'Permissions-Policy': expect.stringContaining('camera=(), display-capture=()'),
    })
    expect(values).not.toHaveProperty('Cache-Control')
    expect(compile({ preset: 'web' }).csp!.withNonce).toBeInstanceOf(Function)
  })

  it.each<[string, SecurityHeadersOptions, Record<string, string | undefined>]>([
    [
      'another opener policy',
      { crossOriginOpenerPolicy: 'noopener-allow-popups' },
      { 'Cross-Origin-Opener-Policy': 'noopener-allow-popups' },
    ],
    [
      'no opener policy',
      { crossOriginOpenerPolicy: false },
      { 'Cross-Origin-Opener-Policy': undefined },
    ],
    [
      'another resource policy',
      { crossOriginResourcePolicy: 'same-site' },
      { 'Cross-Origin-Resource-Policy': 'same-site' },
    ],
    [
      'no resource policy',
      { crossOriginResourcePolicy: false },
      { 'Cross-Origin-Resource-Policy': undefined },
    ],
    ['frames of its own', { frameOptions: 'sameorigin' }, { 'X-Frame-Options': 'SAMEORIGIN' }],
    ['no frame options', { frameOptions: false }, { 'X-Frame-Options': undefined }],
    ['another referrer policy', { referrerPolicy: 'origin' }, { 'Referrer-Policy': 'origin' }],
    ['no referrer policy', { referrerPolicy: false }, { 'Referrer-Policy': undefined }],
    [
      'another cache control',
      { cacheControl: 'private, max-age=5' },
      { 'Cache-Control': 'private, max-age=5' },
    ],
    ['no cache control', { cacheControl: false }, { 'Cache-Control': undefined }],
    [
      'no content policy',
      { contentSecurityPolicy: false },
      { 'Content-Security-Policy': undefined },
    ],
    [
      'a reported content policy',
      { cspReportOnly: true },
      {
        'Content-Security-Policy': undefined,
        'Content-Security-Policy-Report-Only': expect.stringContaining('default-src') as never,
      },
    ],
    [
      'directives over those of the preset, and one taken away',
      { contentSecurityPolicy: { 'default-src': ["'self'"], 'form-action': null } },
      { 'Content-Security-Policy': "default-src 'self';frame-ancestors 'none';base-uri 'none'" },
    ],
    [
      'directives by a function of those of the preset',
      {
        contentSecurityPolicy: ({ 'default-src': sources = [] }) => ({
          'default-src': ['data:'],
          'img-src': sources,
        }),
      },
      { 'Content-Security-Policy': "default-src data:;img-src 'none'" },
    ],
    [
      'features over those of the preset',
      { permissionsPolicy: { camera: '(self "https://a.test")', usb: '*' } },
      { 'Permissions-Policy': 'camera=(self "https://a.test"), usb=*' },
    ],
    [
      'no features',
      { preset: 'web', permissionsPolicy: false },
      { 'Permissions-Policy': undefined },
    ],
  ])('may have %s', (_name, options, expected) => {
    const values = valuesOf(options)
    for (const [name, value] of Object.entries(expected)) expect(values[name]).toEqual(value)
  })

  it('may let a page have a feature that the preset denies', () => {
    const options = { preset: 'web', permissionsPolicy: { camera: '(self)', usb: null } } as const
    const policy = valuesOf(options)['Permissions-Policy']
    expect(policy).toContain('camera=(self)')
    expect(policy).not.toContain('usb=')
    expect(policy).toContain('serial=()')
  })

  it('come with the content policy first, which is replaced where a nonce was asked for', () => {
    const { fixed, csp } = compile({ preset: 'web' })
    expect(fixed[0]).toEqual(['Content-Security-Policy', csp!.plain])
  })
})

describe('Strict-Transport-Security', () => {
  it.each<[SecurityHeadersOptions['strictTransportSecurity'], string | undefined]>([
    [false, undefined],
    [{ maxAgeSeconds: 0 }, 'max-age=0; includeSubDomains'],
    [{ includeSubDomains: false }, 'max-age=31536000'],
    [{ preload: true }, 'max-age=31536000; includeSubDomains; preload'],
  ])('of %j', (strictTransportSecurity, value) => {
    expect(compile({ strictTransportSecurity }).transportSecurity?.[1]).toBe(value)
  })
})

describe('an option', () => {
  it.each<[object, string]>([
    [{ csp: false }, 'unknown option "csp"'],
    [{ preset: 'spa' }, "\"preset\" must be 'api' or 'web'"],
    [{ frameOptions: 'allow' }, "\"frameOptions\" must be 'deny' or 'sameorigin'"],
    [{ frameOptions: true }, '"frameOptions" must be'],
    [{ crossOriginOpenerPolicy: 'same-site' }, '"crossOriginOpenerPolicy" must be'],
    [{ crossOriginResourcePolicy: 'none' }, '"crossOriginResourcePolicy" must be'],
    [{ referrerPolicy: 'unsafe-url' }, '"referrerPolicy" must be'],
    [{ cspReportOnly: 'yes' }, '"cspReportOnly" must be true or false'],
    [{ contentSecurityPolicy: 'x' }, '"contentSecurityPolicy" must be an object or false'],
    [{ contentSecurityPolicy: async () => ({}) }, 'Content-Security-Policy has no directives'],
    [{ permissionsPolicy: [] }, '"permissionsPolicy" must be an object or false'],
    [
      { permissionsPolicy: { Camera: '()' } },
      '"permissionsPolicy" must map features to "*", "()" or "(self)", got "Camera=()"',
    ],
    [{ permissionsPolicy: { camera: 'self' } }, '"permissionsPolicy" must map features'],
    [{ permissionsPolicy: { camera: '(), usb=*' } }, '"permissionsPolicy" must map features'],
    [{ permissionsPolicy: { camera: '("a)' } }, '"permissionsPolicy" must map features'],
    [{ cacheControl: '' }, '"cacheControl" must be a non-empty string'],
    [{ cacheControl: 'a\nb' }, '"cacheControl" must be printable ASCII'],
    [{ strictTransportSecurity: { maxAge: 5 } }, 'unknown option "strictTransportSecurity.maxAge"'],
    [{ strictTransportSecurity: { maxAgeSeconds: 0.5 } }, '"maxAgeSeconds" must be a whole number'],
    [{ strictTransportSecurity: { maxAgeSeconds: -1 } }, '"maxAgeSeconds" must be'],
    [
      { strictTransportSecurity: { includeSubDomains: 1 } },
      '"includeSubDomains" must be true or false',
    ],
    [{ strictTransportSecurity: { preload: 1 } }, '"preload" must be true or false'],
  ])('%j is refused', (options, complaint) => {
    expect(() => compile(options as SecurityHeadersOptions)).toThrow(complaint)
  })
})
