import { describe, expect, it } from '@jest/globals'
import {
  allowanceOf,
  bareAddress,
  isLoopbackHostname,
  mayBeThisMachine,
} from '../../../lib/net/network/allowance.js'

const HERE = new URL('http://localhost:3000/')
const ELSEWHERE = new URL('https://id.test/')

describe('allowanceOf', () => {
  it.each([
    ['an issuer on this machine', [HERE], true],
    ['one whose every URL is there', [HERE, new URL('https://[::1]/')], true],
    ['one that is elsewhere', [ELSEWHERE], false],
    ['one of which only one URL is here', [HERE, ELSEWHERE], false],
    ['one without a URL', [], false],
  ])('lets documents name this machine for %s: %s', (_name, configured, onThisMachine) => {
    expect(allowanceOf(configured)).toEqual({
      http: new Set(),
      loopback: new Set(),
      onThisMachine,
      publicOnly: false,
    })
  })
})

describe('mayBeThisMachine', () => {
  const none = allowanceOf([ELSEWHERE])

  it.each([
    ['a host that nothing allows', none, false],
    ['a host that is named', { ...none, loopback: new Set(['id.test']) }, true],
    ['another host than the named one', { ...none, loopback: new Set(['test']) }, false],
    ['any host of an issuer that is here', allowanceOf([HERE]), true],
    ['none where others chose the issuer', allowanceOf([HERE], true), false],
    [
      'none that is named, where others chose it',
      { ...allowanceOf([HERE], true), loopback: new Set(['id.test']) },
      false,
    ],
  ])('is for %s: %s', (_name, allowance, may) => {
    expect(mayBeThisMachine('id.test', allowance)).toBe(may)
  })
})

describe('isLoopbackHostname', () => {
  it.each(['localhost', 'a.localhost', '127.0.0.0', '127.255.255.255', '[::1]'])(
    'is true of %s',
    (host) => {
      expect(isLoopbackHostname(host)).toBe(true)
    },
  )

  it.each([
    'localhost.example.com',
    'notlocalhost',
    'localhost.',
    '126.255.255.255',
    '128.0.0.0',
    '[::2]',
    '',
  ])('is not fooled by "%s"', (host) => {
    expect(isLoopbackHostname(host)).toBe(false)
  })
})

describe('bareAddress', () => {
  it.each([
    ['[::1]', '::1'],
    ['::1', '::1'],
    ['id.test', 'id.test'],
  ])('of %s is %s', (hostname, bare) => {
    expect(bareAddress(hostname)).toBe(bare)
  })
})
