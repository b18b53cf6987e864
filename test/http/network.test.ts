import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { addressOf, networkOf } from '../../lib/http/network.js'

describe('networkOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:192.168.100.200', '192.168.100.200'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1%eth0', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/56'],
    ['2001:db8:1:2ff:a:b:c:d', '2001:db8:1:200::/56'],
    ['2001:db8:1:200::1', '2001:db8:1:200::/56'],
    ['2001:0DB8:0001:02ab::', '2001:db8:1:200::/56'],
    ['2001:db8:1:ab::', '2001:db8:1:0::/56'],
    ['2001:db8::1', '2001:db8:0:0::/56'],
    ['1::2:3:4:5:6:7', '1:0:2:0::/56'],
    ['1::200:300:400:500:600:700', '1:0:200:300::/56'],
    ['1:2::300:4:5:6:7', '1:2:0:300::/56'],
    ['::1:2:3:400:5:6:7', '0:1:2:0::/56'],
    ['1:2:3:400:5:6:7::', '1:2:3:400::/56'],
    ['fe80::1%eth0', 'fe80:0:0:0::/56'],
    ['::1', '0:0:0:0::/56'],
    ['::', '0:0:0:0::/56'],
    ['', ''],
    ['unknown', 'unknown'],
    ['Unix:Socket', 'unix:socket'],
    ['x::ffff:192.0.2.1', 'x::ffff:192.0.2.1'],
    ['::ffff:192.0.2.1x', '::ffff:192.0.2.1x'],
  ])('of %p is %p', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('addressOf', () => {
  it.each([
    ['what the host says, which heeds trusted proxies', { ip: '192.0.2.1' }, '192.0.2.1'],
    ['who connected, where the host says nothing', {}, '127.0.0.1'],
    ['nothing, where the connection is gone', { socket: {} }, ''],
  ])('is %s', (_name, facts, address) => {
    const req = { socket: { remoteAddress: '127.0.0.1' }, ...facts } as unknown as IncomingMessage
    expect(addressOf(req)).toBe(address)
  })
})
