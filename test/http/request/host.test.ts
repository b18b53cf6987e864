import { describe, expect, it } from '@jest/globals'
import { hostname, isEncrypted, isLoopbackHost } from '../../../lib/http/request/host.js'

describe('hostname', () => {
  it.each([
    [undefined, ''],
    ['', ''],
    ['API.test', 'api.test'],
    ['api.test:8080', 'api.test'],
    ['127.0.0.1:80', '127.0.0.1'],
    ['[::1]', '::1'],
    ['[2001:DB8::1]:443', '2001:db8::1'],
    ['[::1', '[::1'],
  ])('of the Host %j is %j', (host, name) => {
    expect(hostname(host)).toBe(name)
  })
})

describe('isLoopbackHost', () => {
  it.each(['localhost', 'LOCALHOST:3000', 'a.localhost', '127.0.0.1', '127.9.9.9:80', '[::1]:80'])(
    'is true of %s',
    (host) => {
      expect(isLoopbackHost(host)).toBe(true)
    },
  )

  it.each([
    undefined,
    '',
    'localhost.test',
    'notlocalhost',
    '127.test',
    '127.0.0.1.test',
    '128.0.0.1',
    '10.127.0.1',
    '[::2]',
  ])('is false of %s', (host) => {
    expect(isLoopbackHost(host)).toBe(false)
  })
})

describe('isEncrypted', () => {
  it.each([
    ['TLS', { socket: { encrypted: true } }, true],
    ['TLS in front of a trusted proxy', { secure: true, socket: {} }, true],
    ['plain http', { socket: {} }, false],
    ['plain http in front of a trusted proxy', { secure: false, socket: {} }, false],
    ['anything but true', { secure: 'yes', socket: { encrypted: 1 } }, false],
  ])('by %s is %s', (_name, req, expected) => {
    expect(isEncrypted(req as never)).toBe(expected)
  })
})
