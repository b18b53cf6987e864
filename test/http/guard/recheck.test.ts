import { describe, expect, it } from '@jest/globals'
import { joined, type Denylist } from '../../../lib/http/guard/recheck.js'

const denylistOf = (): Denylist => ({
  recheck: { again: () => undefined, bypass: () => false },
  before: undefined,
})

describe('denylists that let one token pass', () => {
  it('are the one denylist itself, where there is no other', () => {
    const only = denylistOf()
    expect(joined(only, undefined)).toBe(only)
  })

  it('are all of a route, the last one first, and none of them is changed', () => {
    const [first, second] = [denylistOf(), denylistOf()]
    const both = joined(second, first)
    expect([both.recheck, both.before]).toEqual([second.recheck, first])
    expect(both.before).toBe(first)
    expect(second.before).toBeUndefined()
  })
})
