import { describe, expect, it } from '@jest/globals'
import { digest } from '../../../lib/core/events/events.js'
import { ISSUER, MINUTE, SECOND, revokedUse, times, watching } from '../../support/watching.js'

describe('token_spread', () => {
  it('tells once of one token that comes from three networks within five minutes', async () => {
    const watch = watching()
    watch.accepted('alice', '192.0.2.7')
    await watch.timer.advance(2 * MINUTE)
    watch.accepted('alice', '198.51.100.7')
    expect(watch.alerts).toEqual([])
    await watch.timer.advance(2 * MINUTE)
    watch.accepted('alice', '203.0.113.7')
    watch.accepted('alice', '233.252.0.7')
    expect(watch.alerts).toMatchObject([
      { rule: 'token_spread', count: 3, network: '203.0.113.7', token: { issuer: ISSUER } },
    ])
  })

  it.each<[string, readonly string[]]>([
    [
      'a phone with IPv4 and IPv6 that leaves home',
      ['192.0.2.7', '2001:db8:1::7', '198.51.100.7', '2001:db8:2::7'],
    ],
    [
      'a carrier that shares its addresses out',
      ['192.0.2.7', '192.0.2.99', '192.0.2.200', '192.0.2.3'],
    ],
    [
      'a network that renumbers its clients',
      ['2001:db8:1:100::1', '2001:db8:1:200::1', '2001:db8:1:300::1'],
    ],
  ])('takes %s for ordinary', (_name, addresses) => {
    const watch = watching()
    for (const address of addresses) watch.accepted('alice', address)
    expect(watch.alerts).toEqual([])
  })

  it('takes a journey for ordinary: one network after the other', async () => {
    const watch = watching()
    for (const n of [1, 2, 3, 4, 5]) {
      watch.accepted('alice', `192.0.${n}.7`)
      await watch.timer.advance(3 * MINUTE)
    }
    expect(watch.alerts).toEqual([])
  })

  it.each([
    ['has no subject', { subjectDigest: undefined }],
    ['speaks for the client itself', { subjectDigest: digest('app') }],
  ])('leaves the token of a program alone, which %s and runs anywhere', (_name, changes) => {
    const watch = watching()
    times(20, (n) => watch.accepted('batch', `192.0.${n}.7`, changes))
    expect(watch.alerts).toEqual([])
  })
})

describe('revoked_token_used', () => {
  it('tells at once where it comes from another network than before', () => {
    const watch = watching()
    watch.accepted('alice', '192.0.2.7')
    revokedUse(watch, '198.51.100.7')
    revokedUse(watch, '198.51.100.7')
    expect(watch.alerts).toMatchObject([
      { rule: 'revoked_token_used', count: 1, network: '198.51.100.7' },
    ])
  })

  it('gives the other tabs of whoever has logged out a minute', async () => {
    const watch = watching()
    watch.accepted('alice', '192.0.2.7')
    times(3, () => revokedUse(watch, '192.0.2.7'))
    await watch.timer.advance(59 * SECOND)
    revokedUse(watch, '192.0.2.7')
    expect(watch.alerts).toEqual([])
    await watch.timer.advance(SECOND)
    times(3, () => revokedUse(watch, '192.0.2.7'))
    expect(watch.alerts).toMatchObject([{ rule: 'revoked_token_used', count: 5 }])
  })

  it('tells of a second network also where nobody knows where the token was good', () => {
    const watch = watching()
    revokedUse(watch, '192.0.2.7')
    expect(watch.alerts).toEqual([])
    revokedUse(watch, '198.51.100.7')
    expect(watch.rules()).toEqual(['revoked_token_used'])
  })
})
