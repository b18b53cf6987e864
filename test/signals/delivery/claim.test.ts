import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import type { ReplayStore } from '../../../lib/replay/store.js'
import { claimed, digest, requireReplay } from '../../../lib/signals/delivery/claim.js'

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

it('names claims by base64url of SHA-256', () => {
  expect(digest('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
})

describe('requireReplay', () => {
  const check = optionCheck('sharedSignals')

  it.each([undefined, { claim: () => true }])('takes %p', (replay) => {
    expect(() => requireReplay(check, replay)).not.toThrow()
  })

  it.each([{}, { claim: true }])('refuses %p', (replay) => {
    const complaint = /sharedSignals: "replay" must be a ReplayStore like redisReplayStore/
    expect(() => requireReplay(check, replay as never)).toThrow(complaint)
  })
})
