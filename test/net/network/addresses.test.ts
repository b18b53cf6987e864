import { expect, it } from '@jest/globals'
import { isForbidden } from '../../../lib/net/network/addresses.js'

it.each([
  ['0.0.0.0', true],
  ['169.254.169.254', true],
  ['224.0.0.1', true],
  ['255.255.255.255', true],
  ['100.100.100.200', true],
  ['fe80::1', true],
  ['fd00:ec2::254', true],
  ['::ffff:169.254.169.254', true],
  ['64:ff9b::169.254.169.254', true],
  ['64:ff9b:1:a9fe:a9:fe00::', true],
  ['64:ff9b::127.0.0.1', true],
  ['2002:a9fe:a9fe::', true],
  ['127.0.0.1', false],
  ['10.0.0.1', false],
  ['192.0.2.1', false],
  ['fd00::1', false],
  ['64:ff9b::192.0.2.1', false],
  ['2001:db8::1', false],
])('isForbidden: %s, %s', (address, expected) => {
  expect(isForbidden(address)).toBe(expected)
})
