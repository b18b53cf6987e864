import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../lib/core/verdicts/errors.js'
import { claimed } from '../../lib/replay/claimed.js'
import type { ReplayStore } from '../../lib/replay/store.js'

const CLAIM = { thumbprint: 't', proofId: 'p', ttlMs: 1 }

describe('claimed', () => {
  it.each([
    ['fresh', () => true, true],
    ['used', () => false, false],
    ['fresh, later', async () => true, true],
  ])('tells what the store says: %s', async (_what, claim, expected) => {
    expect(await claimed({ claim }, CLAIM)).toBe(expected)
  })

  it.each<[string, () => unknown, string]>([
    ['throws', () => Promise.reject(new Error('down')), 'down'],
    [
      'throws at once',
      () => {
        throw new Error('full')
      },
      'full',
    ],
    ['says nothing', () => undefined, 'claim() gave no boolean'],
    ['says "OK"', () => 'OK', 'claim() gave no boolean'],
  ])('is an outage where the store %s', async (_what, claim, detail) => {
    const outage = await claimed({ claim } as ReplayStore, CLAIM)
    expect(outage).toBeInstanceOf(AuthError)
    expect(outage).toMatchObject({ reason: 'replay_unavailable', family: 'dependency', detail })
  })
})
