import { describe, expect, it } from '@jest/globals'
import { FetchHead } from '../../../lib/http/request/fetch-head.js'

function headOf(url: string, init: RequestInit = {}, address?: string): FetchHead {
  return new FetchHead(new Request(url, init), address)
}

describe('FetchHead', () => {
  it('says method and URL as the host gives them', () => {
    const head = headOf('https://api.test/a?b=1', { method: 'DELETE' })
    expect([head.method, head.url]).toEqual(['DELETE', 'https://api.test/a?b=1'])
  })

  it.each([
    ['https://api.test/a?b=https://c/d', '/a?b=https://c/d'],
    ['http://api.test:8080/', '/'],
    ['https://api.test?a', '/?a'],
    ['https://[::1]:80/a', '/a'],
  ])('takes scheme and host of %s off the target', (url, target) => {
    expect(headOf(url).target).toBe(target)
  })

  it.each([
    ['HTTPS://api.test/a', '/a'],
    ['web+x.1-y://h?q', '?q'],
    ['/a//b', '/a//b'],
    ['1a://h/p', '1a://h/p'],
  ])('leaves of a URL that no host would make: %s', (url, target) => {
    expect(new FetchHead({ url } as Request).target).toBe(target)
  })

  it.each([
    ['as it came', { host: 'other.test' }, 'other.test'],
    ['by the URL, where a host gives none', {}, 'api.test:8443'],
  ])('knows Host %s', (_name, headers, host) => {
    const head = headOf('https://api.test:8443/', { headers })
    expect([head.header('host'), head.headerLines('host')]).toEqual([host, [host]])
  })

  it('has no header that did not come, and none of HTTP/2', () => {
    const head = headOf('https://api.test')
    expect([head.header('origin'), head.header(':authority')]).toEqual([undefined, undefined])
    expect(head.headerLines('origin')).toEqual([])
  })

  it('has several lines as one, as the host joined them', () => {
    const headers = new Headers()
    headers.append('dpop', 'a')
    headers.append('dpop', 'b')
    expect(headOf('https://api.test', { headers }).headerLines('dpop')).toEqual(['a, b'])
  })

  it('knows the address that the app gives it', () => {
    expect(headOf('https://api.test').client.address).toBe('')
    expect(headOf('https://api.test', {}, '192.0.2.1').client.address).toBe('192.0.2.1')
  })

  it('says when nobody waits any more', () => {
    const aborting = new AbortController()
    const { client } = headOf('https://api.test', { signal: aborting.signal })
    expect(client.gone).toBe(false)
    aborting.abort()
    expect(client.gone).toBe(true)
  })
})
