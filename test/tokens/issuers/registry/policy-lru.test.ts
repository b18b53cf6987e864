import { beforeEach, describe, expect, it } from '@jest/globals'
import type { IssuerPolicy } from '../../../../lib/tokens/issuers/policy/policy.js'
import { PolicyLru } from '../../../../lib/tokens/issuers/registry/policy-lru.js'

let closed: string[]
let policies: PolicyLru<IssuerPolicy>

/** A policy of which only its name and its end can be seen. */
function policy(name: string): IssuerPolicy {
  const keys = { close: () => void closed.push(name) }
  return { issuers: [name], keys } as unknown as IssuerPolicy
}

function names(): readonly unknown[] {
  return [...policies.values()].map(({ issuers }) => issuers[0])
}

beforeEach(() => {
  closed = []
  policies = new PolicyLru(2)
  for (const name of ['a', 'b']) policies.set(name, policy(name))
})

describe('PolicyLru', () => {
  it('holds as many as it may', () => {
    expect([names(), closed]).toEqual([['a', 'b'], []])
    expect(policies.get('a')?.issuers).toEqual(['a'])
    expect(policies.get('c')).toBeUndefined()
    expect(names()).toEqual(['b', 'a'])
  })

  it('closes the least recently used to make room', () => {
    policies.get('a')
    policies.set('c', policy('c'))
    expect([names(), closed]).toEqual([['a', 'c'], ['b']])
    policies.set('d', policy('d'))
    expect([names(), closed]).toEqual([
      ['c', 'd'],
      ['b', 'a'],
    ])
  })

  it('gives one away without closing it', () => {
    expect(policies.take('a')?.issuers).toEqual(['a'])
    expect(policies.take('a')).toBeUndefined()
    expect([names(), closed]).toEqual([['b'], []])
  })

  it('closes all it holds at the end', () => {
    policies.take('a')
    policies.set('c', policy('c'))
    policies.close()
    expect(closed).toEqual(['b', 'c'])
  })
})
