import { describe, expect, it } from '@jest/globals'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { AnomalyThresholds } from '../../lib/metrics/anomaly-rules.js'
import { times, watching } from '../support/watching.js'

describe('anomaly rules', () => {
  it('hold little memory under a flood of networks, tokens and users', () => {
    const watch = watching()
    const before = heap()
    times(100_000, (n) => {
      const address = `${1 + (n % 200)}.${(n >> 8) % 256}.${n % 256}.7`
      watch.accepted(`user ${n}`, address)
      watch.refused('bad_signature', address)
      watch.refused('revoked', address, { user: `user ${n}` })
      watch.refused('scope_missing', address, {
        user: `user ${n}`,
        code: 'insufficient_scope',
        detail: `${n}`,
      })
      watch.tell({
        name: 'keys.stale',
        issuer: `https://${n}.test`,
        ageSeconds: 1,
        usableSeconds: 9,
      })
    })
    expect(heap() - before).toBeLessThan(40_000_000)
  })

  it.each<[string, AnomalyThresholds]>([
    ['bruteForce', { bruteForce: false }],
    ['tokenSpread', { tokenSpread: false }],
    ['scopeProbing', { scopeProbing: false }],
    ['revokedTokenUsed', { revokedTokenUsed: false }],
  ])('are turned off one by one: %s', (_name, thresholds) => {
    const all = watching()
    const fewer = watching(thresholds)
    for (const watch of [all, fewer]) {
      times(60, () => watch.refused('bad_signature', '192.0.2.7'))
      times(5, (n) => watch.accepted('alice', `192.0.${n}.7`))
      watch.refused('revoked', '203.0.113.7', { user: 'alice' })
      times(12, (n) =>
        watch.refused('scope_missing', '192.0.2.7', {
          user: 'bob',
          code: 'insufficient_scope',
          detail: `${n}`,
        }),
      )
    }
    expect(all.rules()).toEqual([
      'brute_force',
      'token_spread',
      'revoked_token_used',
      'scope_probing',
    ])
    expect(fewer.alerts).toHaveLength(3)
  })
})

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

function heap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
