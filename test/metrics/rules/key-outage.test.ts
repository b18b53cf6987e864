import { describe, expect, it } from '@jest/globals'
import { ISSUER, MINUTE, watching } from '../../support/watching.js'

describe('key_outage', () => {
  const stale = {
    name: 'keys.stale',
    issuer: ISSUER,
    ageSeconds: 600,
    usableSeconds: 3600,
  } as const
  const failed = { name: 'keys.failed', issuer: ISSUER, detail: 'down' } as const

  it('tells once in the last third of the time for which keys are served', async () => {
    const watch = watching()
    watch.tell(stale)
    await watch.timer.advance(39 * MINUTE)
    watch.tell(failed)
    expect(watch.alerts).toEqual([])
    await watch.timer.advance(2 * MINUTE)
    watch.tell(failed)
    watch.tell(failed)
    expect(watch.alerts).toMatchObject([
      {
        rule: 'key_outage',
        detail: `The keys of ${ISSUER} cannot be refreshed, and those we hold end in 19 minutes`,
      },
    ])
  })

  it('is quiet about an outage that ends in time', async () => {
    const watch = watching()
    watch.tell(failed)
    watch.tell(stale)
    await watch.timer.advance(30 * MINUTE)
    watch.tell({ name: 'keys.recovered', issuer: ISSUER })
    await watch.timer.advance(30 * MINUTE)
    watch.tell(failed)
    expect(watch.alerts).toEqual([])
  })
})
