import { describe, expect, it } from '@jest/globals'
import type { NetworkOptions } from '../../../lib/net/network/network-options.js'
import { headersFor } from '../../../lib/net/network/network.js'
import { SELF_SIGNED } from '../../../tools/self-signed.js'
import { networkOf } from '../../support/network.js'

const ISSUER = 'https://id.example.com/realms/x'

function compiled(options: unknown): () => unknown {
  return () => networkOf(ISSUER, options as NetworkOptions)
}

describe('network: what is refused at construction, by its name', () => {
  it.each<[string, unknown, RegExp]>([
    ['no object', 'x', /"network" must be an object/],
    ['an unknown name', { agent: {} }, /unknown option "network.agent"/],
    ['a CA that is no certificate', { ca: 'x' }, /"network.ca" must hold certificates in PEM/],
    ['an empty list of CAs', { ca: [] }, /"network.ca"/],
    ['one bad CA of two', { ca: [SELF_SIGNED.cert, 'x'] }, /"network.ca"/],
    ['a private key as CA', { ca: SELF_SIGNED.key }, /"network.ca"/],
    ['a broken certificate', { ca: SELF_SIGNED.cert.replace('MII', 'AAA') }, /"network.ca"/],
    ['a name with a port', { dangerouslyAllowHttp: ['keycloak:8080'] }, /exact host names/],
    ['a URL for a name', { dangerouslyAllowHttp: ['http://keycloak'] }, /exact host names/],
    ['a pattern', { dangerouslyAllowHttp: ['*.example.com'] }, /exact host names/],
    ['upper case', { allowLoopback: ['ID.local'] }, /exact host names/],
    ['a string for the list', { allowLoopback: 'id.local' }, /a list of host names/],
    ['true for all hosts', { dangerouslyAllowHttp: true }, /a list of host names/],
    ['a proxy of another kind', { proxy: 'socks5://proxy' }, /"network.proxy" must be an http/],
    ['true for a proxy', { proxy: true }, /"network.proxy"/],
    ['a list as headers', { headers: [] }, /"network.headers" must be an object/],
    ['a number as value', { headers: { a: 1 } }, /have a string as a/],
    ['a line break in a value', { headers: { a: 'x\r\ny' } }, /valid names and values/],
    ['a space in a name', { headers: { 'a b': 'x' } }, /valid names and values/],
    ['a header that frames the request', { headers: { Host: 'x' } }, /leave out Host/],
    ['a header that undoes a bound', { headers: { 'Accept-Encoding': 'br' } }, /leave out Accept/],
  ])('%s', (_name, options, message) => {
    expect(compiled(options)).toThrow(TypeError)
    expect(compiled(options)).toThrow(message)
  })

  it.each([
    ['a proxy', { proxy: 'ftp://user:hunter2@proxy' }],
    ['a header', { headers: { authorization: 'hunter2\n' } }],
    ['a CA', { ca: 'hunter2' }],
  ])('without showing the secret that %s may hold', (_name, options) => {
    expect(compiled(options)).toThrow(TypeError)
    expect(compiled(options)).not.toThrow(/hunter2/)
  })

  it.each<[string, NetworkOptions]>([
    ['no host', { dangerouslyAllowHttp: [], allowLoopback: [] }],
    ['an IPv6 address with its brackets', { dangerouslyAllowHttp: ['[2001:db8::1]'] }],
    ['a CA as bytes', { ca: Buffer.from(SELF_SIGNED.cert) }],
    ['several CAs in one file', { ca: SELF_SIGNED.cert + '\n' + SELF_SIGNED.cert }],
    ['undefined', { ca: undefined, headers: undefined, proxy: undefined }],
  ])('but takes %s', (_name, options) => {
    expect(compiled(options)).not.toThrow()
  })
})

describe('network: headers', () => {
  it.each([
    ['the same origin', 'https://id.example.com/jwks', true],
    ['another port', 'https://id.example.com:8443/jwks', false],
    ['another scheme', 'http://id.example.com/jwks', false],
    ['a subdomain', 'https://keys.id.example.com/jwks', false],
    ['another host', 'https://evil.example/jwks', false],
  ])('go to configured origins alone: %s', async (_name, url, sent) => {
    const headers = { authorization: 'Bearer x' }
    for (const given of [headers, () => headers, async () => headers]) {
      const network = networkOf(ISSUER, { headers: given })
      expect(await headersFor(new URL(url), network)).toEqual(sent ? headers : undefined)
    }
  })

  it.each<[string, () => never, RegExp]>([
    ['throws', throwing(new Error('hunter2')), /network\.headers\(\) failed \(Error\)/],
    [
      'throws an error with a code',
      throwing(Object.assign(new Error('hunter2'), { code: 'ENOENT' })),
      /failed \(ENOENT\)/,
    ],
    ['rejects', (() => Promise.reject(new Error('hunter2'))) as never, /failed \(Error\)/],
    ['returns nothing', (() => undefined) as never, /must be an object/],
    ['returns a bad value', (() => ({ a: 'hunter2\n' })) as never, /valid names and values/],
  ])(
    'of a function that %s are an outage, told without its text',
    async (_name, fails, message) => {
      const failing = headersFor(new URL(ISSUER), networkOf(ISSUER, { headers: fails }))
      await expect(failing).rejects.toMatchObject({
        name: 'FetchError',
        message: expect.stringMatching(message),
      })
      await expect(failing).rejects.not.toThrow(/hunter2/)
    },
  )
})

function throwing(error: Error): () => never {
  return () => {
    throw error
  }
}
