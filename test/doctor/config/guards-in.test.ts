import { describe, expect, it } from '@jest/globals'
import { guardsIn } from '../../../lib/doctor/config/guards-in.js'
import { withFacts } from '../../../lib/http/guard/facts.js'

const guard = withFacts(
  () => undefined,
  () => [{ kind: 'rights' }],
)
const nested = (levels: number): unknown => (levels === 0 ? guard : [nested(levels - 1)])

const others = (count: number): unknown[] => Array.from({ length: count }, () => ({}))

describe('guardsIn', () => {
  it.each<[string, unknown]>([
    ['itself', guard],
    ['a list', [guard]],
    ['an object', { guards: { first: guard } }],
    ['an app of Express 5', { router: { stack: [{ handle: guard }] } }],
    [
      'a function that is an app',
      Object.assign(() => undefined, { router: { stack: [{ handle: guard }] } }),
    ],
    ['a route', { stack: [{ route: { stack: [{ handle: guard }] } }] }],
    ['a router within a router', { stack: [{ handle: { stack: [{ handle: guard }] } }] }],
    ['12 levels', nested(12)],
  ])('finds a guard in %s', (_where, value) => {
    expect(guardsIn([value])).toEqual([guard])
  })

  it('finds one in an app of Express 4, whose router throws', () => {
    const app = Object.assign(() => undefined, { _router: { stack: [{ handle: guard }] } })
    Object.defineProperty(app, 'router', {
      get() {
        throw new Error("'app.router' is deprecated!")
      },
    })
    expect(guardsIn([app])).toEqual([guard])
  })

  it.each<[string, unknown]>([
    ['a function of somebody else', () => undefined],
    ['text', 'guard'],
    ['null', null],
    [
      'an object of a class, which is not ours to look into',
      new (class {
        guard = guard
      })(),
    ],
    ['13 levels', nested(13)],
  ])('finds none in %s', (_where, value) => {
    expect(guardsIn([value])).toEqual([])
  })

  it('asks no getter of an object, which may do anything', () => {
    const config = {
      guard,
      get database(): never {
        throw new Error('not connected')
      },
    }
    expect(guardsIn([config])).toEqual([guard])
  })

  it('tells each once, and comes to an end where things hold each other', () => {
    const ring: { guard: unknown; self?: unknown } = { guard }
    ring.self = ring
    expect(guardsIn([ring, guard, [guard]])).toEqual([guard])
  })

  it('looks at 10,000 values and no more', () => {
    expect(guardsIn([...others(9999), guard])).toEqual([guard])
    expect(guardsIn([...others(10_000), guard])).toEqual([])
  })
})
