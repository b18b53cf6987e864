import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { requireReplay } from '../../../lib/signals/delivery/claim.js'

describe('requireReplay', () => {
  const check = optionCheck('sharedSignals')

  it.each([undefined, { claim: () => true }])('takes %p', (replay) => {
    expect(() => requireReplay(check, replay)).not.toThrow()
  })

  it.each([{}, { claim: true }, null])('refuses %p', (replay) => {
    const complaint = /sharedSignals: "replay" must be a ReplayStore like redisReplayStore/
    expect(() => requireReplay(check, replay as never)).toThrow(complaint)
  })
})
