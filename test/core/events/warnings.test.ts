import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { systemTimer } from '../../../lib/core/clock.js'
import { createEvents, type AuthEvent } from '../../../lib/core/events/events.js'
import { memoryRevocationStore } from '../../../lib/revocation/memory/memory-store.js'
import type { RedisClient } from '../../../lib/redis/source/client.js'
import type { Probe } from '../../../lib/revocation/redis/health/probe.js'
import { createServerGuard } from '../../../lib/revocation/redis/health/server-guard.js'

const event: AuthEvent = { name: 'cors.rejected', origin: 'https://elsewhere.test' }
const warnings: unknown[][] = []

beforeEach(() => {
  jest.spyOn(process, 'emitWarning').mockImplementation((...warning) => void warnings.push(warning))
})

afterEach(() => {
  jest.restoreAllMocks()
  warnings.length = 0
})

function fail(): never {
  throw new RangeError('secret')
}

async function revokeTwice(): Promise<void> {
  const store = memoryRevocationStore()
  const expiresAt = Math.floor(Date.now() / 1000) + 60
  for (const tokenId of ['a', 'b']) {
    await store.revokeToken({ issuer: 'https://id.test', tokenId, expiresAt })
  }
}

async function lookTwiceAtACache(): Promise<void> {
  const evicting = { runId: 'r', version: '7.2.4', evicts: true, policy: 'allkeys-lru' }
  const probe = { inspect: async () => evicting } as unknown as Probe
  const guard = createServerGuard(probe, { onEviction: 'warn', fsync: false, timer: systemTimer })
  for (let look = 0; look < 2; look += 1) {
    guard.forget()
    await guard.inspect({} as RedisClient)
  }
}

async function failTwice(listener: () => unknown): Promise<void> {
  const events = createEvents(listener)
  events.emit(event)
  events.emit(event)
  await new Promise(setImmediate)
}

it.each([
  [
    'a revocation that only this process knows',
    revokeTwice,
    'ERS_MEMORY_STORE',
    /^memoryRevocationStore: .*use redisRevocationStore in production$/,
  ],
  [
    'a Redis that may evict revocations, and is used all the same',
    lookTwiceAtACache,
    'ERS_REDIS_EVICTION',
    /^redisRevocationStore: .*allkeys-lru.*noeviction/,
  ],
  [
    'a listener that throws',
    () => failTwice(fail),
    'ERS_EVENT_LISTENER',
    /^An onEvent listener failed \(RangeError\); its events are being lost$/,
  ],
  [
    'a listener that rejects',
    () => failTwice(async () => fail()),
    'ERS_EVENT_LISTENER',
    /^An onEvent listener failed \(RangeError\); its events are being lost$/,
  ],
])('warns once of %s', async (_name, work, code, text) => {
  await work()
  expect(warnings).toEqual([[expect.stringMatching(text), { code }]])
})
