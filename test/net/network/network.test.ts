import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { FetchError } from '../../../lib/net/fetch-error.js'
import { headersFor, proxyFor, type Network } from '../../../lib/net/network/network.js'
import { networkOf } from '../../support/network.js'

const URL_OF_ISSUER = new URL('https://id.test/jwks')

describe('headersFor', () => {
  const network = networkOf([URL_OF_ISSUER], { headers: { 'x-key': 'k' } })

  it.each([
    ['https://id.test/other', { 'x-key': 'k' }],
    ['https://id.test:8443/jwks', undefined],
    ['http://id.test/jwks', undefined],
    ['https://sub.id.test/jwks', undefined],
  ])('shows a credential to no origin but those that the operator named: %s', async (url, sent) => {
    expect(await headersFor(new URL(url), network)).toEqual(sent)
  })

  function failing(failure: unknown): Promise<unknown> {
    const headers = (): never => {
      throw failure
    }
    return headersFor(URL_OF_ISSUER, { ...network, headers })
  }

  it.each<[string, unknown, string]>([
    ['an error', new RangeError('secret'), 'RangeError'],
    ['an error with a code', Object.assign(new Error('secret'), { code: 'EACCES' }), 'EACCES'],
    ['a text', 'secret', 'string'],
  ])('says of %s that the app throws only what kind it is', async (_name, error, kind) => {
    await expect(failing(error)).rejects.toMatchObject({
      name: 'FetchError',
      message: `network.headers() failed (${kind})`,
      cause: error,
    })
  })

  it('hands on what is a FetchError already', async () => {
    const error = new FetchError('network.headers() must hold valid names')
    await expect(failing(error)).rejects.toBe(error)
  })
})

describe('proxyFor', () => {
  const NAMES = ['https_proxy', 'http_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [
    name,
    name.toUpperCase(),
  ])
  const before = new Map(NAMES.map((name) => [name, process.env[name]]))
  const byEnvironment = networkOf([URL_OF_ISSUER])

  beforeEach(() => {
    for (const name of NAMES) Reflect.deleteProperty(process.env, name)
  })
  afterEach(() => {
    for (const name of NAMES) Reflect.deleteProperty(process.env, name)
  })
  afterAll(() => {
    for (const [name, value] of before) if (value !== undefined) process.env[name] = value
  })

  it('is the one of the options for every host, this machine too', async () => {
    const proxy = new URL('http://proxy.test:3128/')
    for (const url of [URL_OF_ISSUER, new URL('http://localhost/')]) {
      expect(await proxyFor(url, { ...byEnvironment, proxy })).toBe(proxy)
    }
  })

  it.each([
    ['http_proxy', 'http://id.test/'],
    ['HTTP_PROXY', 'http://id.test/'],
    ['https_proxy', 'https://id.test/'],
    ['HTTPS_PROXY', 'https://id.test/'],
    ['all_proxy', 'https://id.test/'],
    ['ALL_PROXY', 'http://id.test/'],
  ])('is what %s says', async (name, url) => {
    for (const proxy of ['http://proxy.test:3128/', 'https://proxy.test:3128/']) {
      process.env[name] = proxy
      expect((await proxyFor(new URL(url), byEnvironment))?.href).toBe(proxy)
    }
  })

  it.each<[string, string, Partial<Network>]>([
    ['where the option is false', 'https://id.test/', { proxy: false }],
    ['for this machine', 'http://localhost/', {}],
    ['for an address of this machine', 'http://[::1]/', {}],
    [
      'for a host that may be this machine',
      'https://here.test/',
      { allowance: { ...byEnvironment.allowance, loopback: new Set(['here.test']) } },
    ],
    ['for a host of no_proxy', 'https://inside.test/', {}],
  ])('is none %s', async (_name, url, options) => {
    process.env['https_proxy'] = 'http://proxy.test:3128'
    process.env['http_proxy'] = 'http://proxy.test:3128'
    process.env['no_proxy'] = 'inside.test'
    expect(await proxyFor(new URL(url), { ...byEnvironment, ...options })).toBeUndefined()
  })

  it('is none where the environment names none', async () => {
    expect(await proxyFor(URL_OF_ISSUER, byEnvironment)).toBeUndefined()
    process.env['https_proxy'] = ''
    expect(await proxyFor(URL_OF_ISSUER, byEnvironment)).toBeUndefined()
  })

  it.each(['socks5://user:hunter2@proxy.test', 'http://user:hunter2@:x', 'xhttp://proxy.test'])(
    'is refused where it cannot be used, and never shown: %s',
    async (proxy) => {
      process.env['https_proxy'] = proxy
      await expect(proxyFor(URL_OF_ISSUER, byEnvironment)).rejects.toThrow(
        /^The proxy that the environment names is not at an http or https URL$/,
      )
    },
  )
})
