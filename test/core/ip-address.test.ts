import { describe, expect, it } from '@jest/globals'
import { embeddedIpv4, ipv6Groups } from '../../lib/core/ip-address.js'

describe('ipv6Groups', () => {
  it.each([
    ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 1]],
    ['1::', [1, 0, 0, 0, 0, 0, 0, 0]],
    ['1:2:3:4:5:6:7:8', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['1:2:3:4:5:6:7::', [1, 2, 3, 4, 5, 6, 7, 0]],
    ['2001:DB8::a%eth0', [0x2001, 0xdb8, 0, 0, 0, 0, 0, 10]],
    ['::ffff:192.0.2.1', [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201]],
    ['64:ff9b::1:2.3.4.5', [0x64, 0xff9b, 0, 0, 0, 1, 0x203, 0x405]],
  ])('reads %s', (address, groups) => {
    expect(ipv6Groups(address)).toEqual(groups)
  })
})

describe('embeddedIpv4', () => {
  it.each([
    ['mapped', '::ffff:192.0.2.1', '192.0.2.1'],
    ['mapped, in hexadecimal', '::ffff:c000:201', '192.0.2.1'],
    ['mapped, at full length', '0:0:0:0:0:ffff:c000:0201', '192.0.2.1'],
    ['translated, RFC 2765', '::ffff:0:192.0.2.1', '192.0.2.1'],
    ['behind NAT64', '64:ff9b::c000:201', '192.0.2.1'],
    ['of a 6to4 site', '2002:c000:201::1', '192.0.2.1'],
    ['of a Teredo client', '2001:0:4136:e378:8000:63bf:3fff:fdfe', '192.0.2.1'],
    ['none of a native address', '2001:db8::192.0.2.1', undefined],
    ['none of the loopback address', '::1', undefined],
    ['none of a neighbour of the NAT64 prefix', '64:ff9b:0:1::c000:201', undefined],
  ])('is that of an address %s', (_name, address, ipv4) => {
    expect(embeddedIpv4(ipv6Groups(address))).toBe(ipv4)
  })
})
