import { describe, expect, it } from '@jest/globals'
import { MINUTE, times, watching } from '../../support/watching.js'

describe('brute_force', () => {
  it('tells once of many bad tokens of one network in a minute, and of whose', () => {
    const watch = watching()
    times(49, () => watch.refused('bad_signature', '192.0.2.7'))
    expect(watch.alerts).toEqual([])
    times(100, () => watch.refused('malformed_token', '192.0.2.7'))
    expect(watch.alerts).toEqual([
      {
        rule: 'brute_force',
        count: 50,
        windowSeconds: 60,
        detail: '50 bad tokens of one network in a minute',
        network: '192.0.2.7',
        token: undefined,
      },
    ])
  })

  it('counts an IPv6 network as one, whatever address of it comes', () => {
    const watch = watching()
    times(60, (n) => watch.refused('bad_signature', `2001:db8:1:2::${n.toString(16)}`))
    expect(watch.rules()).toEqual(['brute_force'])
  })

  it('counts what a throttle refuses', () => {
    const watch = watching()
    times(20, () => watch.refused('bad_signature', '192.0.2.7'))
    times(30, () => watch.refused('rate_limited', '192.0.2.7', { code: 'too_many_requests' }))
    expect(watch.rules()).toEqual(['brute_force'])
  })

  it('tells again in the next window, if it goes on', async () => {
    const watch = watching()
    times(60, () => watch.refused('bad_signature', '192.0.2.7'))
    await watch.timer.advance(MINUTE)
    times(60, () => watch.refused('bad_signature', '192.0.2.7'))
    expect(watch.rules()).toEqual(['brute_force', 'brute_force'])
  })

  it.each(['expired', 'revoked', 'before_floor', 'inactive_token'])(
    'does not count a token that is %s: an office sends hundreds at once',
    (reason) => {
      const watch = watching()
      times(500, () => watch.refused(reason, '192.0.2.7'))
      expect(watch.alerts).toEqual([])
    },
  )
})
