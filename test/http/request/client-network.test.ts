import type { IncomingMessage } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import { addressOf, isAddress, networkOf } from '../../../lib/http/request/client-network.js'

describe('isAddress', () => {
  it.each(['192.0.2.1', '192.0.2.1:80', '::1', '[::1]', '[::1]:80', 'fe80::1%eth0'])(
    'is true of %s',
    (address) => {
      expect(isAddress(address)).toBe(true)
    },
  )

  it.each(['', 'unknown', '192.0.2', '192.0.2.1:', 'localhost:80', '[::1', '_hidden'])(
    'is false of %j',
    (address) => {
      expect(isAddress(address)).toBe(false)
    },
  )
})

describe('networkOf', () => {
  it('knows the port of the longest address that may be one', () => {
    const zone = 'z'.repeat(64 - '[fe80::1%]:80'.length)
    const longest = `[fe80::1%${zone}]:80`
    expect(networkOf(longest)).toBe(networkOf('fe80::1'))
    expect(networkOf(`${longest}0`)).not.toBe(networkOf('fe80::1'))
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:192.168.100.200', '192.168.100.200'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1%eth0', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:FFFF:C000:0201', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '192.0.2.1'],
    ['64:ff9b::c000:301', '192.0.3.1'],
    ['64:ff9b:1::c000:201', '192.0.2.1'],
    ['2002:c000:201:ff::1', '192.0.2.1'],
    ['2001:0:102:304:0:0:3fff:fdfe', '192.0.2.1'],
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
    ['192.0.2.1:54321', '192.0.2.1'],
    ['[2001:db8::1]:443', '2001:db8:0:0::/56'],
    ['[2001:DB8::1]', '2001:db8:0:0::/56'],
    ['[fe80::1%eth0]:1', 'fe80:0:0:0::/56'],
    ['[::ffff:192.0.2.1]:1', '192.0.2.1'],
    ['192.0.2.1:123456', '192.0.2.1:123456'],
    ['', ''],
    ['unknown', 'unknown'],
    ['Unix:Socket', 'unix:socket'],
    ['x::ffff:192.0.2.1', 'x::ffff:192.0.2.1'],
    ['::ffff:192.0.2.1x', '::ffff:192.0.2.1x'],
  ])('of %p is %p', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('networkOf a text that is no address', () => {
  it.each([1, 2])('keeps none of it where it is longer than any address (%i)', (last) => {
    const invented = `${'x'.repeat(7000)}${last}`
    expect(networkOf(invented)).toMatch(/^[\w-]{43}$/)
    expect(networkOf(invented)).not.toBe(networkOf(`${invented}0`))
  })

  it('keeps one as it is that is no longer than an address', () => {
    expect(networkOf('x'.repeat(64))).toBe('x'.repeat(64))
  })
})

describe('a network that is kept', () => {
  it.each([
    ['an IPv4 address', ''],
    ['an invented one', 'x'.repeat(40)],
    ['an invented long one', 'x'.repeat(400)],
  ])('keeps nothing else of the header that %s came in', (_name, padding) => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const kept: string[] = []
    collect()
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < 2000; count += 1) {
      const header =
        `${count}, `.padEnd(16_000, '192.0.2.1, ') + `${padding}203.0.113.${count + 1000}`
      kept.push(networkOf(header.slice(header.lastIndexOf(', ') + 2)))
    }
    collect()
    expect(kept).toHaveLength(2000)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
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
