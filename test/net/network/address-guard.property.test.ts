import { isIP } from 'node:net'
import { expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { ensureFetchable, guardedLookup } from '../../../lib/net/network/address-guard.js'
import { FUZZ_RUNS } from '../../support/runs.js'
import { networkOf } from '../../support/network.js'

const FORBIDDEN = ['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', '100.100.100.200', '::']
const LOOPBACK = ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']
const ELSEWHERE = ['192.0.2.1', '10.0.0.1', '2001:db8::1']
const ADDRESSES = [...FORBIDDEN, ...LOOPBACK, ...ELSEWHERE]
const LITERALS = ADDRESSES.map((address) => (isIP(address) === 6 ? `[${address}]` : address))
const NAMES = ['id.test', 'inside.test', 'local.test', 'evil.test', 'sub.inside.test', 'localhost']
const NETWORK = networkOf('https://id.test', {
  dangerouslyAllowHttp: ['inside.test'],
  allowLoopback: ['local.test'],
})

/** Addresses that a URL, named by whoever, would be fetched from, whatever DNS says. */
function reached(url: URL, dns: readonly string[]): readonly string[] {
  try {
    ensureFetchable(url, NETWORK.allowance)
  } catch {
    return []
  }
  const found = dns.map((address) => ({ address, family: isIP(address) }))
  const lookup = guardedLookup(url, NETWORK.allowance, (_name, _options, callback) =>
    callback(null, found),
  )
  let addresses: readonly string[] = []
  lookup(url.hostname, { all: true }, (error, list) => {
    if (error === null && Array.isArray(list)) addresses = list.map(({ address }) => address)
  })
  return addresses
}

function isAllowed({ protocol, hostname }: URL, address: string): boolean {
  if (FORBIDDEN.includes(address)) return false
  if (LOOPBACK.includes(address)) return hostname === 'local.test'
  return protocol === 'https:' || hostname === 'inside.test'
}

it('no metadata, redirect or DNS answer leads to an address that the operator did not allow', () => {
  const urls = fc
    .tuple(fc.constantFrom('https', 'http', 'ftp'), fc.constantFrom(...NAMES, ...LITERALS))
    .map(([scheme, host]) => new URL(`${scheme}://${host}/keys`))
  const dns = fc.array(fc.constantFrom(...ADDRESSES), { minLength: 1, maxLength: 4 })
  const seen = new Set<string>()
  fc.assert(
    fc.property(urls, dns, (url, answers) => {
      const addresses = reached(url, answers)
      if (addresses.length > 0) seen.add(`${url.protocol}//${url.hostname}`)
      expect(addresses.filter((address) => !isAllowed(url, address))).toEqual([])
    }),
    { numRuns: FUZZ_RUNS },
  )
  expect([...seen]).toEqual(
    expect.arrayContaining(['https://id.test', 'http://inside.test', 'http://local.test']),
  )
})
