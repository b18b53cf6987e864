import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { denylistRecheck } from '../../../lib/guards/streams/denylist.js'
import { createStreams, type Streams } from '../../../lib/guards/streams/streams.js'
import { createResponder } from '../../../lib/http/guard/responder.js'
import { memoryRevocationStore, type Auth, type RevocationStore } from '../../../lib/index.js'
import { manualTimer, type ManualTimer } from '../../support/manual-timer.js'

const COUNT = 10_000
const now = 1_800_000_000
const responder = createResponder(optionCheck('requireBearer'), { clock: () => now })

let store: RevocationStore
let timer: ManualTimer
let streams: Streams

beforeEach(() => {
  store = memoryRevocationStore({ clock: () => now, clockToleranceSeconds: 0 })
  timer = manualTimer()
  streams = createStreams(timer)
})

const { gc } = ((): { gc: () => void } => {
  setFlagsFromString('--expose-gc')
  return { gc: runInNewContext('gc') as () => void }
})()

function authOf(index: number): Auth {
  return {
    issuer: 'https://id.test',
    revocationIssuer: 'https://id.test',
    subject: `user-${index}`,
    tokenId: `token-${index}`,
    issuedAt: now - 60,
    expiresAt: now + 3600,
  } as Partial<Auth> as Auth
}

/** Responses that are open. Only what is read of them is there. */
function open(): { readonly responses: EventEmitter[]; readonly signals: AbortSignal[] } {
  const recheck = denylistRecheck(store, () => false)
  const responses: EventEmitter[] = []
  const signals: AbortSignal[] = []
  for (let index = 0; index < COUNT; index += 1) {
    const auth = authOf(index)
    const res = new EventEmitter()
    responses.push(res)
    const state = {
      auth,
      token: { auth },
      responder,
      res: res as ServerResponse,
      denylist: { recheck, before: undefined },
    }
    signals.push(streams.signalOf({} as IncomingMessage, state))
  }
  return { responses, signals }
}

describe('10,000 open streams', () => {
  it('cost one timer, and none once they have closed', async () => {
    const { responses } = open()
    await timer.advance(20_000)
    expect([streams.size, timer.pending()]).toEqual([COUNT, 1])
    for (const res of responses) res.emit('close')
    await timer.advance(250)
    expect([streams.size, timer.pending()]).toEqual([0, 0])
  })

  it('leave nothing behind once they have closed', async () => {
    const refs = ((): WeakRef<AbortSignal>[] => {
      const { responses, signals } = open()
      for (const res of responses) res.emit('close')
      return signals.map((signal) => new WeakRef(signal))
    })()
    await timer.advance(10_000)
    await new Promise((resolve) => setImmediate(resolve))
    gc()
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(1)
  })

  it('are looked at a twentieth at a time', async () => {
    const asked: number[] = []
    const check = store.check.bind(store)
    store.check = (query) => {
      asked[asked.length - 1]! += 1
      return check(query)
    }
    open()
    for (let tick = 0; tick < 40; tick += 1) {
      asked.push(0)
      await timer.advance(250)
    }
    expect(Math.max(...asked)).toBeLessThanOrEqual(COUNT / 20)
    expect(asked.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(COUNT)
  })

  it('end alone where one is revoked, and together where all are', async () => {
    const { signals } = open()
    const aborted = (): number => signals.filter((signal) => signal.aborted).length
    await store.revokeToken(authOf(7777))
    await timer.advance(500)
    await untilSwept()
    expect([aborted(), signals[7777]!.aborted]).toEqual([1, true])
    await store.revokeAll()
    await timer.advance(500)
    await untilSwept()
    expect([aborted(), streams.size]).toEqual([COUNT, 0])
  })
})

/** A sweep lets requests have their turns in between. */
async function untilSwept(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
