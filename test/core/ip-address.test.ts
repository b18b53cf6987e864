import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { embeddedIpv4, ipv6Groups } from '../../lib/core/ip-address.js'

describe('embeddedIpv4', () => {
  it.each([
    ['mapped, dotted', '::ffff:192.0.2.1'],
    ['mapped, in capitals', '::FFFF:192.0.2.1'],
    ['mapped, in hex', '::ffff:c000:201'],
    ['mapped, in hex with zeros', '0000:0000:0000:0000:0000:ffff:c000:0201'],
    ['mapped, with groups before the gap', '0:0::ffff:c000:201'],
    ['mapped, with a zone', '::ffff:192.0.2.1%eth0'],
    ['SIIT', '::ffff:0:192.0.2.1'],
    ['SIIT, in hex', '::ffff:0:c000:201'],
    ['NAT64', '64:ff9b::192.0.2.1'],
    ['NAT64, in hex', '64:ff9b::c000:201'],
    ['NAT64, with zeros', '0064:ff9b:0:0:0:0:c000:0201'],
    ['NAT64 of a network, behind 96 bits', '64:ff9b:1::192.0.2.1'],
    ['NAT64 of a network, behind 96 bits of its own', '64:ff9b:1:abcd:0:12:c000:201'],
    ['NAT64 of a network, behind 48 bits', '64:ff9b:1:c000:2:100::'],
    ['6to4', '2002:c000:201::1'],
    ['6to4, of any subnet', '2002:C000:0201:ffff:a:b:c:d'],
    ['Teredo', '2001:0:102:304:8000:63bf:3fff:fdfe'],
    ['Teredo, short', '2001::3fff:fdfe'],
    ['compatible', '::192.0.2.1'],
    ['compatible, in hex', '::c000:201'],
  ])('finds 192.0.2.1 in %s', (_notation, address) => {
    expect(embeddedIpv4(address)).toBe('192.0.2.1')
  })

  it.each([
    ['64:ff9b:1:0:2:100::', '0.0.2.1'],
    ['64:ff9b:1:c000:102:100::', '0.0.0.0'],
    ['64:ff9b:1:c000:2:100:0:1', '0.0.0.1'],
    ['64:ff9b:1:c000:2:100:1:0', '0.1.0.0'],
    ['64:ff9b:1:c000::', '192.0.0.0'],
    ['64:ff9b:1:0:0:ff00::', '0.0.0.255'],
    ['64:ff9b:1::', '0.0.0.0'],
    ['::2', '0.0.0.2'],
    ['::1:1', '0.1.0.1'],
    ['::ffff:0.0.0.0', '0.0.0.0'],
    ['::ffff:255.255.255.255', '255.255.255.255'],
  ])('finds in %s %s', (address, expected) => {
    expect(embeddedIpv4(address)).toBe(expected)
  })

  it.each([
    ['an IPv4 address', '192.0.2.1'],
    ['the unspecified address', '::'],
    ['loopback', '::1'],
    ['documentation', '2001:db8::c000:201'],
    ['a neighbour of Teredo', '2001:1::c000:201'],
    ['a neighbour of NAT64', '64:ff9b:0:0:0:1:c000:201'],
    ['a neighbour of NAT64 of a network', '64:ff9b:2::c000:201'],
    ['a neighbour of mapped', '::1:ffff:c000:201'],
    ['link-local', 'fe80::c000:201'],
    ['no address', 'x::ffff:192.0.2.1'],
    ['too few groups', '::ffff:192.0.2'],
    ['nothing', ''],
  ])('finds none in %s', (_name, address) => {
    expect(embeddedIpv4(address)).toBeUndefined()
  })
})

describe('ipv6Groups', () => {
  it('reads what the URL parser reads', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const canonical = ipv6Groups(address)
          ?.map((group) => group.toString(16))
          .join(':')
        expect(new URL(`http://[${canonical}]`).host).toBe(new URL(`http://[${address}]`).host)
      }),
    )
  })
})
