import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import type { LiveState } from '../../../lib/guards/streams/stream.js'
import { createStreams } from '../../../lib/guards/streams/streams.js'
import { authState } from '../../../lib/http/guard/auth-state.js'
import { jtiBlocklist } from '../../../lib/index.js'
import { answering, good } from '../../support/answering-checker.js'
import { authWith, letIn, type LetIn } from '../../support/behind-bearer.js'
import { manualTimer } from '../../support/manual-timer.js'

const stateOf = ({ req }: LetIn): LiveState => authState(req) as LiveState

const timer = manualTimer()
const streams = createStreams(timer)
const held = (): readonly number[] => [streams.size, timer.pending()]

describe('a stream', () => {
  it.each<[string, (res: ServerResponse) => unknown]>([
    ['response is destroyed', (res) => (res.destroyed = true)],
    ['response has closed', (res) => Object.defineProperty(res, 'closed', { value: true })],
    ['socket is destroyed', (res) => res.assignSocket(new Socket().destroy())],
  ])('is none where its %s before it begins: nobody would tell of its end', (_what, leave) => {
    const request = letIn(authWith())
    leave(request.res)
    expect(streams.signalOf(request.req, stateOf(request)).aborted).toBe(false)
    expect(held()).toEqual([0, 0])
  })

  it('asks no denylist as it begins: its guard has just asked', async () => {
    const store = answering(good)
    const request = letIn(authWith())
    jtiBlocklist(store)(request.req, request.res, () => undefined)
    streams.signalOf(request.req, stateOf(request))
    expect([store.asked, ...held()]).toEqual([1, 1, 1])
    request.res.emit('close')
    await timer.advance(250)
    expect(held()).toEqual([0, 0])
  })

  it('is forgotten where it closes while those of its turn are looked at', async () => {
    // So little is left of both that they have one turn.
    const requests = [1, 2].map(() => letIn(authWith({ expiresAt: 1_000_000.2 })))
    const store = answering(good)
    for (const request of requests) {
      jtiBlocklist(store)(request.req, request.res, () => undefined)
      streams.signalOf(request.req, stateOf(request))
    }
    expect(held()).toEqual([2, 1])
    store.answer = () => {
      for (const { res } of requests) res.emit('close')
      return good()
    }
    await timer.advance(500)
    expect(held()).toEqual([0, 0])
    expect(store.asked).toBe(3)
  })
})
