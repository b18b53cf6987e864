import { expect, it } from '@jest/globals'
import { networkOf } from '../../lib/http/network.js'

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2ff:a:b:c:d', '2001:db8:1:200::/56'],
  ['2001:db8:1:200::1', '2001:db8:1:200::/56'],
  ['2001:0DB8:0001:02ab::', '2001:db8:1:200::/56'],
  ['2001:db8::1', '2001:db8:0:0::/56'],
  ['fe80::1%eth0', 'fe80:0:0:0::/56'],
  ['::1', '0:0:0:0::/56'],
  ['', ''],
  ['unknown', 'unknown'],
])('networkOf %p is %p', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
