import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { compileExemptions, type Exemption } from '../../../lib/guards/csrf/exemptions.js'

const check = optionCheck('csrfGuard')

interface Asked {
  readonly url?: string
  readonly originalUrl?: string
  /** Settings of Express that are on; undefined for another host. */
  readonly settings?: readonly string[]
}

function request({ settings, ...urls }: Asked): IncomingMessage {
  const app = settings && { enabled: (name: string) => settings.includes(name) }
  return { ...urls, app } as unknown as IncomingMessage
}

const EXPRESS = { settings: [] }
const STRICT = { settings: ['case sensitive routing', 'strict routing'] }

describe('an exempt path', () => {
  it.each<[string, string, Asked, boolean]>([
    ['is the whole path', '/hooks/pay', { url: '/hooks/pay' }, true],
    ['counts with a query', '/hooks/pay', { url: '/hooks/pay?a=1' }, true],
    ['counts with a fragment', '/hooks/pay', { url: '/hooks/pay#a' }, true],
    ['is no prefix', '/hooks', { url: '/hooks/pay' }, false],
    ['is no longer path', '/hooks/pay', { url: '/hooks' }, false],
    [
      'is the one that the client sent',
      '/hooks/pay',
      { url: '/pay', originalUrl: '/hooks/pay' },
      true,
    ],
    ['is not what a router left of it', '/pay', { url: '/pay', originalUrl: '/hooks/pay' }, false],
    ['may be the root', '/', { url: '/' }, true],
    ['is spelt as it is, off Express', '/hooks/pay', { url: '/Hooks/pay' }, false],
    ['ends as it is, off Express', '/hooks/pay', { url: '/hooks/pay/' }, false],
    ['in any case, as Express routes', '/hooks/Pay', { url: '/Hooks/pay', ...EXPRESS }, true],
    [
      'with a slash at its end, as Express routes',
      '/hooks/pay',
      { url: '/hooks/pay/', ...EXPRESS },
      true,
    ],
    ['without the slash that was written', '/hooks/pay/', { url: '/hooks/pay', ...EXPRESS }, true],
    ['with two slashes, not', '/hooks/pay', { url: '/hooks/pay//', ...EXPRESS }, false],
    [
      'in its own case, where routing keeps it',
      '/hooks/pay',
      { url: '/Hooks/pay', ...STRICT },
      false,
    ],
    [
      'without a slash, where routing keeps it',
      '/hooks/pay',
      { url: '/hooks/pay/', ...STRICT },
      false,
    ],
    ['of a request without one', '/', {}, false],
  ])('%s', (_name, path, asked, exempt) => {
    const exemptions = compileExemptions(check, [path])
    expect(exemptions.of(request(asked))).toBe(exempt ? path : undefined)
  })

  it('may be one of several', () => {
    const exemptions = compileExemptions(check, ['/a', '/b'])
    expect(exemptions.of(request({ url: '/b' }))).toBe('/b')
    expect(exemptions.of(request({ url: '/c' }))).toBeUndefined()
  })

  it('that was written as a router sees it is told, with the one that was meant', () => {
    const exemptions = compileExemptions(check, ['/pay'])
    expect(exemptions.nearMiss(request({ url: '/pay?a=1', originalUrl: '/hooks/pay?a=1' }))).toBe(
      '"exempt" holds /pay, but takes paths as the client sends them: /hooks/pay',
    )
    expect(exemptions.nearMiss(request({ url: '/x', originalUrl: '/pay' }))).toBeUndefined()
    expect(exemptions.nearMiss(request({}))).toBeUndefined()
  })
})

describe('a predicate', () => {
  it.each<[string, (req: IncomingMessage) => unknown, boolean]>([
    ['exempts by true', () => true, true],
    ['does not by false', () => false, false],
    ['does not by another value', () => 1, false],
    ['does not by a promise, which is always there', async () => true, false],
    ['does not by a rejected promise', async () => Promise.reject(new Error('later')), false],
    ['sees the request', ({ url }) => url === '/a', true],
  ])('%s', (_name, predicate, exempt) => {
    const exemptions = compileExemptions(check, ['/other', predicate as Exemption])
    expect(exemptions.of(request({ url: '/a' }))).toBe(exempt ? 'a predicate' : undefined)
  })

  it('of several is enough', () => {
    const exemptions = compileExemptions(check, [() => false, () => true])
    expect(exemptions.of(request({ url: '/a' }))).toBe('a predicate')
  })
})

describe('the option exempt', () => {
  it('may be left out', () => {
    expect(compileExemptions(check, undefined).of(request({ url: '/' }))).toBeUndefined()
  })

  it.each<[string, unknown, string]>([
    ['a path alone', '/a', 'be a list of paths and predicates'],
    ['a path without a slash in front', ['a'], 'hold exact paths like "/hooks/pay", or predicates'],
    ['a path with a slash behind that', ['hooks/pay'], 'hold exact paths'],
    ['an address', ['https://app.test/a'], 'hold exact paths'],
    ['a pattern', ['/a*'], 'hold exact paths'],
    ['a parameter', ['/a/:id'], 'hold exact paths'],
    ['a query', ['/a?b'], 'hold exact paths'],
    ['a fragment', ['/a#b'], 'hold exact paths'],
    ['a regular expression', [/a/], 'hold exact paths'],
  ])('is refused with %s', (_name, exempt, complaint) => {
    expect(() => compileExemptions(check, exempt as Exemption[])).toThrow(
      `csrfGuard: "exempt" must ${complaint}`,
    )
  })
})
