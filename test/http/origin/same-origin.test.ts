import { describe, expect, it } from '@jest/globals'
import type { IncomingMessage } from 'node:http'
import { isSameOrigin, type SameOriginOptions } from '../../../lib/browser.js'

function handshake(headers: Record<string, string>): IncomingMessage {
  return { method: 'GET', headers: { host: 'app.example', ...headers } } as never
}

describe('isSameOrigin', () => {
  it.each<[string, Record<string, string>, SameOriginOptions, boolean]>([
    ['a page of ours', { origin: 'https://app.example' }, {}, true],
    ['a page of ours, by Fetch Metadata', { 'sec-fetch-site': 'same-origin' }, {}, true],
    ['a foreign page', { origin: 'https://evil.example', cookie: 'a=b' }, {}, false],
    ['a foreign page without cookies', { origin: 'https://evil.example' }, {}, false],
    [
      'a sibling subdomain',
      { 'sec-fetch-site': 'same-site', origin: 'https://x.example' },
      {},
      false,
    ],
    ['an opaque origin', { origin: 'null' }, {}, false],
    [
      'a trusted page',
      { 'sec-fetch-site': 'cross-site', origin: 'https://spa.example' },
      { trustedOrigins: ['https://spa.example'] },
      true,
    ],
    [
      'another Host than the configured origin',
      { origin: 'https://app.example' },
      { origin: 'https://public.example' },
      false,
    ],
    ['a script without cookies', {}, {}, true],
    ['the user', { 'sec-fetch-site': 'none', cookie: 'a=b' }, {}, true],
    ['a cookie that names no origin', { cookie: 'a=b' }, {}, false],
  ])('judges %s', (_name, headers, options, expected) => {
    expect(isSameOrigin(handshake(headers), options)).toBe(expected)
  })

  it('throws for an origin that is not spelt exactly', () => {
    const options = { trustedOrigins: ['https://spa.example/'] }
    expect(() => isSameOrigin(handshake({}), options)).toThrow(
      /^isSameOrigin: "trustedOrigins" must hold origins/,
    )
    const own = { origin: 'https://app.example/' }
    expect(() => isSameOrigin(handshake({}), own)).toThrow(/^isSameOrigin: "origin" must hold/)
  })
})
