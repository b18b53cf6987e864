import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { memoryRevocationStore, type ReplayStore } from '../../lib/index.js'
import { redisReplayStore } from '../../lib/redis.js'
import type { Signal } from '../../lib/signals.js'
import { testRevocationStore } from '../../lib/testing.js'
import { startSignalReceiver, type SignalReceiver } from '../support/signals.js'
import { redisForAllTests } from '../support/redis-under-test.js'

const redis = redisForAllTests()

let told: Signal[]
let opened: (() => unknown)[]

beforeEach(() => {
  told = []
  opened = []
})

afterEach(async () => {
  for (const close of opened) await close()
})

function sharedMemory(name: string): ReplayStore {
  const replay = redisReplayStore({ redis: redis.url, name })
  opened.push(() => replay.close?.())
  return replay
}

async function receiver(
  replay: ReplayStore,
  store = memoryRevocationStore({ clockToleranceSeconds: 0 }),
): Promise<SignalReceiver> {
  const started = await startSignalReceiver(
    { replay, onSignal: (signal) => void told.push(signal) },
    store,
  )
  opened.push(() => started.close())
  return started
}

const received = ({ events }: SignalReceiver): number =>
  events.filter(({ name }) => name === 'signal.received').length

describe('sharedSignals of several processes with one memory of events', () => {
  it('tells of an event once, whichever process takes it in again (SET-10)', async () => {
    const name = `events-${Math.random()}`
    const one = await receiver(sharedMemory(name))
    const other = await startSignalReceiver({
      ...one.transmitter.options,
      replay: sharedMemory(name),
      onSignal: (signal) => void told.push(signal),
    })
    opened.push(() => other.close())
    const event = one.transmitter.securityEvent('account-disabled')
    const token = other.issuer.token()
    expect(await one.push(event)).toBe('202')
    expect(await other.push(event)).toBe('202')
    expect(told).toHaveLength(1)
    expect([received(one), received(other)]).toEqual([1, 0])
    // Each revokes all the same: the other may have been given its own store.
    expect(await other.get(token)).toBe(401)
  })

  it('is 503 while that memory cannot tell, with the revocation stored', async () => {
    let isDown = true
    const one = await receiver({
      claim: () => {
        if (isDown) throw new Error('down')
        return true
      },
    })
    const token = one.issuer.token()
    const event = one.transmitter.securityEvent('account-disabled')
    expect(await one.push(event)).toBe('503')
    expect(one.reason()).toBe('replay_unavailable')
    expect(await one.get(token)).toBe(401)
    expect(told).toHaveLength(0)
    isDown = false
    expect(await one.push(event)).toBe('202')
    expect(told).toHaveLength(1)
  })

  it('takes no event for done whose revocation was not stored', async () => {
    const claims: unknown[] = []
    const store = testRevocationStore()
    const one = await receiver({ claim: (claim) => claims.push(claim) === 1 }, store)
    const event = one.transmitter.securityEvent('account-disabled')
    store.outage()
    expect(await one.push(event)).toBe('503')
    expect(claims).toHaveLength(0)
    store.recover()
    expect(await one.push(event)).toBe('202')
    expect(claims).toEqual([
      { thumbprint: expect.any(String), proofId: expect.any(String), ttlMs: 86_400_000 },
    ])
  })
})
