import { describe, expect, it, jest } from '@jest/globals'
import { factsOf, withFacts, type GuardFacts } from '../../../lib/http/guard/facts.js'

const FACTS = [{ kind: 'csrf', reportOnly: true }] as const

describe('the facts of a guard', () => {
  it('stand beside it, out of sight, and are worked out when somebody asks', () => {
    const facts = jest.fn<() => readonly GuardFacts[]>(() => FACTS)
    const guard = {}
    expect(withFacts(guard, facts)).toBe(guard)
    expect(facts).not.toHaveBeenCalled()
    expect(factsOf(guard)).toBe(FACTS)
    expect(Object.keys(guard)).toEqual([])
  })

  it('are none where it tells nothing', () => {
    expect(factsOf(() => undefined)).toEqual([])
  })

  it('are known to other copies of this package', () => {
    const other = { [Symbol.for('express-resource-server.facts')]: () => FACTS }
    expect(factsOf(other)).toBe(FACTS)
  })
})
