import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { isPublic } from '../../../lib/net/network/public-addresses.js'
import { FUZZ_RUNS } from '../../support/runs.js'

describe('isPublic', () => {
  it.each([
    ['a host of the net', '8.8.8.8', true],
    ['just below 10.0.0.0/8', '9.255.255.255', true],
    ['10.0.0.0/8', '10.0.0.1', false],
    ['just above 10.0.0.0/8', '11.0.0.0', true],
    ['just below 172.16.0.0/12', '172.15.255.255', true],
    ['172.16.0.0/12', '172.31.255.255', false],
    ['just above 172.16.0.0/12', '172.32.0.0', true],
    ['192.168.0.0/16', '192.168.1.1', false],
    ['just above 192.168.0.0/16', '192.169.0.0', true],
    ['carrier-grade NAT, which clouds and overlays use inside', '100.64.0.1', false],
    ['just above it', '100.128.0.0', true],
    ['this machine', '127.0.0.1', false],
    ['any address of this machine', '127.9.9.9', false],
    ['benchmarks', '198.19.255.255', false],
    ['documentation', '203.0.113.7', false],
    ['reserved', '250.1.1.1', false],
    ['a metadata service', '169.254.169.254', false],
    ['a metadata service that is not link-local', '168.63.129.16', false],
    ['multicast', '224.0.0.1', false],
    ['broadcast', '255.255.255.255', false],
    ['a host of the net, IPv6', '2606:4700:4700::1111', true],
    ['unique local', 'fd00::1', false],
    ['link-local', 'fe80::1', false],
    ['link-local with its zone', 'fe80::1%eth0', false],
    ['this machine, IPv6', '::1', false],
    ['no address', '::', false],
    ['documentation, IPv6', '2001:db8::1', false],
    ['the newer documentation block', '3fff:1::1', false],
    ['discard', '100::1', false],
    ['segment ids', '5f00::1', false],
    ['not assigned', '4000::1', false],
    ['a public host, IPv4-mapped', '::ffff:8.8.8.8', true],
    ['a private host, IPv4-mapped', '::ffff:10.0.0.1', false],
    ['this machine, IPv4-mapped', '::ffff:127.0.0.1', false],
    ['a public host behind NAT64', '64:ff9b::8.8.8.8', true],
    ['a private host behind NAT64', '64:ff9b::192.168.0.1', false],
    ['whatever is behind a NAT64 of the network itself', '64:ff9b:1::8.8.8.8', false],
    ['a private host behind 6to4', '2002:0a00:0001::', false],
    ['a private host behind Teredo', '2001:0:1:1:1:1:f5ff:fffe', false],
    ['IPv4-compatible', '::10.0.0.1', false],
    ['no address at all', 'id.example.com', false],
    ['an empty text', '', false],
  ])('%s: %s, %s', (_name, address, expected) => {
    expect(isPublic(address)).toBe(expected)
  })

  it('tells of an IPv4 address what it tells of the same one mapped to IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublic(`::ffff:${address}`)).toBe(isPublic(address))
        expect(isPublic(`64:ff9b::${address}`)).toBe(isPublic(address))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('takes no IPv6 address outside of 2000::/3 for public, unless a public IPv4 address is in it', () => {
    const property = fc.property(fc.ipV6(), (address) => {
      const outside = !/^[23][0-9a-f]{3}:/i.test(address)
      const carries = /^(::|0*:|64:ff9b:)/i.test(address) || address.includes('.')
      return !outside || carries || !isPublic(address)
    })
    expect(() => fc.assert(property, { numRuns: FUZZ_RUNS })).not.toThrow()
  })
})
