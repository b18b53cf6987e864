import { describe, expect, it } from '@jest/globals'
import { WideNetworks } from '../../../lib/metrics/rules/wide-network.js'

describe('wide networks', () => {
  it.each<[string, readonly string[], readonly number[]]>([
    ['IPv4 by /24', ['192.0.2.1', '192.0.2.255', '192.0.3.1'], [1, 1, 2]],
    ['IPv6 by /48', ['2001:db8:1:1::', '2001:db8:1:2::', '2001:db8:2:1::'], [1, 1, 2]],
    ['each kind for itself', ['192.0.2.1', '2001:db8:1::', '192.0.3.1'], [1, 1, 2]],
  ])('are told apart: %s', (_what, networks, counts) => {
    const wide = new WideNetworks(10)
    expect(networks.map((network) => wide.add(network))).toEqual(counts)
  })

  it('are so many of each kind, and no more', () => {
    const wide = new WideNetworks(2)
    for (const n of [1, 2, 3]) wide.add(`192.0.${n}.1`)
    expect(wide.add('192.0.4.1')).toBe(2)
    expect(wide.add('2001:db8:1::')).toBe(1)
    expect(wide.excludes('192.0.3.1')).toBe(true)
    expect(wide.excludes('192.0.2.1')).toBe(false)
    // Those that are held are counted on.
    wide.add('192.0.1.1')
    wide.remove('192.0.1.1')
    expect(wide.excludes('192.0.1.9')).toBe(false)
  })

  it('take a sighting back, and forget a network with its last one', () => {
    const wide = new WideNetworks(10)
    wide.add('192.0.2.1')
    wide.add('192.0.2.2')
    wide.add('192.0.3.1')
    wide.remove('192.0.2.9')
    expect(wide.excludes('192.0.2.1')).toBe(false)
    wide.remove('192.0.2.9')
    expect(wide.excludes('192.0.2.1')).toBe(true)
    wide.remove('192.0.9.1')
    expect(wide.add('192.0.3.1')).toBe(1)
  })

  it('exclude none of a kind that was not seen', () => {
    const wide = new WideNetworks(10)
    wide.add('192.0.2.1')
    expect(wide.excludes('2001:db8:1::')).toBe(false)
    expect(wide.excludes('192.0.3.1')).toBe(true)
  })
})
