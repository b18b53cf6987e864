import { describe, expect, it } from '@jest/globals'
import { hostname, hostOf, isEncrypted, isLoopbackHost } from '../../../lib/http/request/host.js'

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
    ['no connection at all', {}, false],
    ['a proxy that is trusted, and no connection', { secure: true }, true],
  ])('by %s is %s', (_name, req, expected) => {
    expect(isEncrypted(req as never)).toBe(expected)
  })
})

describe('hostOf', () => {
  it.each([
    ['Host', { host: 'a.test' }, 'a.test'],
    [':authority of HTTP/2', { ':authority': 'a.test' }, 'a.test'],
    [':authority before Host', { ':authority': 'a.test', host: 'b.test' }, 'a.test'],
    ['Host where :authority is no text', { ':authority': ['a.test'], host: 'b.test' }, 'b.test'],
    ['nothing where there is neither', {}, undefined],
  ])('is %s', (_name, headers, host) => {
    expect(hostOf({ headers } as never)).toBe(host)
  })
})
