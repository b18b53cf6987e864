import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import type { Middleware } from '../../lib/index.js'
import type { TestClock } from '../../lib/testing.js'
import { frozenClock } from '../../tools/api.js'
import { startIssuer, type TestIssuer } from '../../tools/issuer.js'
import { startStreaming, type StreamingApi, type StreamingOptions } from './open-streams.js'

export interface FrozenStreams {
  readonly clock: TestClock
  readonly issuer: TestIssuer
  start(guards?: readonly Middleware[], options?: StreamingOptions): Promise<StreamingApi>
  /** By both clocks: the wall's, and that by which streams are looked at. */
  pass(api: StreamingApi, seconds: number): Promise<void>
}

/** When each test begins. */
export const START = 1_800_000_000

/** An issuer and a clock that stands still, for the tests of the file that this is called in. */
export function frozenStreams(): FrozenStreams {
  const clock = frozenClock(START)
  const apis: StreamingApi[] = []
  let issuer: TestIssuer

  beforeAll(async () => {
    issuer = await startIssuer({ clock })
  })
  beforeEach(() => {
    clock.now = START
    issuer.keys = [issuer.key.jwk]
  })
  afterEach(async () => {
    for (const api of apis.splice(0)) await api.close()
  })
  afterAll(async () => {
    await issuer.close()
  })

  return {
    clock,
    get issuer() {
      return issuer
    },
    async start(guards = [], options = {}) {
      const api = await startStreaming(issuer, guards, { clock, ...options })
      apis.push(api)
      return api
    },
    async pass(api, seconds) {
      for (let passed = 0; passed < seconds; passed += 0.5) {
        clock.now += 0.5
        await api.timer.advance(500)
      }
    },
  }
}
