import { describe, expect, it } from '@jest/globals'
import { denied, times, watching } from '../../support/watching.js'

describe('scope_probing', () => {
  it('tells once of a user who is refused many different things', () => {
    const watch = watching()
    times(9, (n) => denied(watch, 'mallory', `Needs the scope ${n}`))
    expect(watch.alerts).toEqual([])
    times(20, (n) => denied(watch, 'mallory', `Needs the scope ${n}`))
    expect(watch.alerts).toMatchObject([{ rule: 'scope_probing', count: 10 }])
  })

  it('takes a page that asks for the same few things again and again for ordinary', () => {
    const watch = watching()
    times(1000, (n) => denied(watch, 'alice', `Needs the scope ${n % 6}`))
    times(1000, (n) => denied(watch, `user ${n}`, `Needs the scope ${n}`))
    expect(watch.alerts).toEqual([])
  })
})
