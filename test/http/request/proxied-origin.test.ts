import type { IncomingMessage } from 'node:http'
import { describe, expect, it, jest } from '@jest/globals'
import { proxiedOrigin } from '../../../lib/http/request/proxied-origin.js'

const PROXY = '10.0.0.1'
const FORWARDED = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.test' }

type Trust = (address: string, hop: number) => unknown

function originOf(headers: object, trusts: unknown = () => true): string | undefined {
  const app = { get: (name: string) => (name === 'trust proxy fn' ? trusts : undefined) }
  const socket = { remoteAddress: PROXY }
  return proxiedOrigin({ app, socket, headers } as unknown as IncomingMessage)
}

describe('proxiedOrigin', () => {
  it('asks the app about whoever connected, and about no header', () => {
    const trusts = jest.fn<Trust>(() => true)
    expect(originOf(FORWARDED, trusts)).toBe('https://api.test')
    expect(trusts.mock.calls).toEqual([[PROXY, 0]])
  })

  it.each([
    ['does not trust it', () => false],
    ['answers with more than true', () => 1],
    ['has no such setting', undefined],
    ['has another setting there', true],
  ])('is none where the app %s', (_name, trusts) => {
    expect(originOf(FORWARDED, trusts ?? null)).toBeUndefined()
  })

  it.each([undefined, {}])('is none where no Express runs: app %j', (app) => {
    const req = { app, headers: FORWARDED, socket: {} } as unknown as IncomingMessage
    expect(proxiedOrigin(req)).toBeUndefined()
  })

  it.each([
    ['https', 'api.test', 'https://api.test'],
    ['http', 'api.test:8080', 'http://api.test:8080'],
    ['https', 'API-1.test', 'https://API-1.test'],
    ['https', '[::1]', 'https://[::1]'],
    ['https', '[2001:DB8::1.2.3.4]:65535', 'https://[2001:DB8::1.2.3.4]:65535'],
  ])('is made of %s and %s', (proto, host, origin) => {
    expect(originOf({ 'x-forwarded-proto': proto, 'x-forwarded-host': host })).toBe(origin)
  })

  it.each([
    ['no scheme', undefined, 'api.test'],
    ['another scheme', 'ftp', 'api.test'],
    ['two schemes: the first is the client its own', 'https, http', 'api.test'],
    ['no host', 'https', undefined],
    ['an empty host', 'https', ''],
    ['two hosts', 'https', 'a.test, b.test'],
    ['a list of hosts', 'https', ['a.test']],
    ['a path', 'https', 'api.test/a'],
    ['a user', 'https', 'a@api.test'],
    ['a port of six digits', 'https', 'api.test:123456'],
    ['no port behind the colon', 'https', 'api.test:'],
    ['an open bracket', 'https', '[::1'],
    ['a name in brackets', 'https', '[api.test]'],
    ['text before an address', 'https', 'x[::1]'],
    ['text behind an address', 'https', '[::1]x'],
    ['text before a name', 'https', '/api.test'],
  ])('is none for %s', (_name, proto, host) => {
    expect(originOf({ 'x-forwarded-proto': proto, 'x-forwarded-host': host })).toBeUndefined()
  })
})
