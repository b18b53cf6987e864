import { isIP } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { ensureFetchable, guardedLookup } from '../../../lib/net/network/address-guard.js'
import { isPublic } from '../../../lib/net/network/public-addresses.js'
import { FUZZ_RUNS } from '../../support/runs.js'
import { networkOf } from '../../support/network.js'

const ALLOWED = {
  dangerouslyAllowHttp: ['inside.test', 'localhost', '10.0.0.1'],
  allowLoopback: ['inside.test', 'localhost'],
}
const { allowance } = networkOf('https://tenant.test', ALLOWED, true)

/** The addresses that would be dialled, or the objection. */
function dialled(url: string, dns: readonly string[]): readonly string[] | string {
  const answers = dns.map((address) => ({ address, family: isIP(address) }))
  const lookup = guardedLookup(new URL(url), allowance, (_name, _options, callback) =>
    callback(null, answers),
  )
  let outcome: readonly string[] | string = 'no answer'
  lookup(new URL(url).hostname, { all: true }, (error, list) => {
    if (error !== null) outcome = error.message
    else if (Array.isArray(list)) outcome = list.map(({ address }) => address)
  })
  return outcome
}

describe('ensureFetchable, where private networks are forbidden', () => {
  it.each([
    ['https://tenant.test/jwks'],
    ['https://8.8.8.8/jwks'],
    ['https://[2606:4700:4700::1111]/'],
  ])('takes %s', (url) => {
    expect(() => ensureFetchable(new URL(url), allowance)).not.toThrow()
  })

  it.each([
    ['an address inside', 'https://10.0.0.1/', '10.0.0.1 (10.0.0.1)'],
    ['one in hexadecimal', 'https://0x0a000001/', '10.0.0.1 (10.0.0.1)'],
    ['one of an overlay network', 'https://100.64.0.1:8443/', '100.64.0.1:8443 (100.64.0.1)'],
    ['a unique local address', 'https://[fd00::1]/', '[fd00::1] (fd00::1)'],
    ['this machine', 'https://127.0.0.1/', '127.0.0.1'],
    ['this machine by its name', 'https://localhost:6379/', 'localhost:6379'],
    ['this machine, which the options name', 'http://localhost/', 'localhost'],
  ])('refuses %s, and says which option forbids it', (_name, url, place) => {
    expect(() => ensureFetchable(new URL(url), allowance)).toThrow(
      `${place} is not of the public net, and "issuers" has forbidPrivateNetworks`,
    )
  })

  it('refuses an issuer on this machine, although it was configured there', () => {
    const here = networkOf('http://localhost:9000', undefined, true)
    expect(() => ensureFetchable(new URL('http://localhost:9000/jwks'), here.allowance)).toThrow(
      'is not of the public net',
    )
  })
})

describe('guardedLookup, where private networks are forbidden', () => {
  it('dials of the addresses of a name the public ones alone', () => {
    expect(dialled('https://tenant.test/', ['10.0.0.1', '8.8.8.8', '::1'])).toEqual(['8.8.8.8'])
  })

  it.each(['10.0.0.1', '192.168.1.1', '127.0.0.1', 'fd00::1', '::ffff:172.16.0.1'])(
    'dials no name that leads to %s',
    (address) => {
      expect(dialled('https://tenant.test/', [address])).toBe(
        `tenant.test (${address}) is not of the public net, and "issuers" has forbidPrivateNetworks`,
      )
      expect(dialled('https://inside.test/', [address])).toContain('is not of the public net')
    },
  )

  it('dials nothing but public addresses, whatever DNS says', () => {
    const addresses = fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('10.0.0.1', '::1')), {
      minLength: 1,
      maxLength: 4,
    })
    const property = fc.property(
      fc.constantFrom('https://tenant.test/', 'https://inside.test/', 'http://inside.test/'),
      addresses,
      (url, dns) => {
        const found = dialled(url, dns)
        return typeof found === 'string' || found.every((at) => isPublic(at))
      },
    )
    expect(() => fc.assert(property, { numRuns: FUZZ_RUNS })).not.toThrow()
  })
})
