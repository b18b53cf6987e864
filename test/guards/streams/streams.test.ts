import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import type { LiveState } from '../../../lib/guards/streams/stream.js'
import { authState, setAuthState } from '../../../lib/http/guard/auth-state.js'
import { AuthError, jtiBlocklist, memoryRevocationStore } from '../../../lib/index.js'
import { until } from '../../../tools/until.js'
import { answering, good } from '../../support/answering-checker.js'
import { frozenStreams, START } from '../../support/frozen-streams.js'

const frozen = frozenStreams()
const { clock } = frozen

const stateOf = (req: IncomingMessage): LiveState => authState(req) as LiveState

describe('a stream', () => {
  it('ends when its token expires, with the error that a request would get', async () => {
    const api = await frozen.start()
    const stream = await api.open({ exp: START + 20 })
    await frozen.pass(api, 19.5)
    expect(stream.signal.aborted).toBe(false)
    await frozen.pass(api, 0.5)
    await api.timer.advance(250)
    expect(stream.reason()).toBeInstanceOf(AuthError)
    expect(stream.reason()).toMatchObject({ code: 'invalid_token', reason: 'expired', status: 401 })
  })

  it('is told of when it ends, and not as a refusal', async () => {
    const api = await frozen.start()
    await api.open({ exp: START + 1, sub: 'user-of-stream' })
    await frozen.pass(api, 2)
    expect(api.events.map(({ name }) => name)).not.toContain('request.refused')
    const ended = api.events.findLast(({ name }) => name === 'stream.ended')
    expect(ended).toMatchObject({ code: 'invalid_token', reason: 'expired', family: 'credential' })
    expect(JSON.stringify(ended)).not.toContain('user-of-stream')
  })

  it('goes on for the clock tolerance of its guard', async () => {
    const api = await frozen.start([], { clockToleranceSeconds: 10 })
    const stream = await api.open({ exp: START + 20 })
    await frozen.pass(api, 29)
    expect(stream.signal.aborted).toBe(false)
    await frozen.pass(api, 1.5)
    expect(stream.reason()).toMatchObject({ reason: 'expired' })
  })

  it('ends when its token is too old for its issuer', async () => {
    const api = await frozen.start([], { maxAgeSeconds: 10 })
    const stream = await api.open({ iat: START, exp: START + 1000 })
    await frozen.pass(api, 9)
    expect(stream.signal.aborted).toBe(false)
    await frozen.pass(api, 7)
    expect(stream.reason()).toMatchObject({ reason: 'too_old' })
  })

  it('of a token that expired since it was let in has ended from the start', async () => {
    const api = await frozen.start()
    const { req, res } = await api.open({ exp: START + 20 })
    frozen.clock.now += 20
    setAuthState(req, { ...stateOf(req), res })
    const signal = api.streams.signalOf(req, stateOf(req))
    expect([signal.aborted, (signal.reason as AuthError).reason]).toEqual([true, 'expired'])
    expect(api.streams.size).toBe(1)
  })

  it.each([
    ['the clock is set forward', 10_000, true],
    ['the clock is set back', -50, false],
  ])('is judged by the clock as it is where %s', async (_case, seconds, aborted) => {
    const api = await frozen.start()
    const stream = await api.open({ iat: START - 60, exp: START + 100 })
    frozen.clock.now += seconds
    await api.timer.advance(5250)
    expect(stream.signal.aborted).toBe(aborted)
  })

  it('ends where the clock tells no time any more', async () => {
    const api = await frozen.start()
    const stream = await api.open({ exp: START + 100 })
    frozen.clock.now = Number.NaN
    await api.timer.advance(5250)
    expect(stream.signal.aborted).toBe(true)
  })

  it.each([START + 1e9, Number.MAX_SAFE_INTEGER])(
    'of a token that expires in a far future (%d) is looked at all the same',
    async (exp) => {
      const api = await frozen.start()
      const stream = await api.open({ exp })
      await frozen.pass(api, 20)
      expect([stream.signal.aborted, api.timer.pending()]).toEqual([false, 1])
      frozen.issuer.keys = []
      api.guard.close()
      await frozen.pass(api, 40)
      expect(stream.signal.aborted).toBe(true)
    },
  )

  it('has one signal, however often it is asked for', async () => {
    const api = await frozen.start()
    const { req, signal } = await api.open()
    expect(api.streams.signalOf(req, stateOf(req))).toBe(signal)
    expect(api.streams.size).toBe(1)
  })
})

describe('a stream that has closed', () => {
  it('leaves nothing behind, and its signal never aborts', async () => {
    const api = await frozen.start([jtiBlocklist(memoryRevocationStore({ clock }))])
    const stream = await api.open({ exp: START + 20 })
    expect([api.streams.size, api.timer.pending()]).toEqual([1, 1])
    await stream.leave()
    await frozen.pass(api, 30)
    expect([api.streams.size, api.timer.pending()]).toEqual([0, 0])
    expect(stream.signal.aborted).toBe(false)
  })

  it('is none at all where its client had left before', async () => {
    const api = await frozen.start()
    const stream = await api.open()
    const { req, res } = stream
    await stream.leave()
    setAuthState(req, { ...stateOf(req), res })
    const signal = api.streams.signalOf(req, stateOf(req))
    expect([signal.aborted, api.streams.size]).toEqual([false, 0])
  })

  it('is forgotten while its connection stays open for other requests', async () => {
    const api = await frozen.start()
    const { res } = await api.open()
    res.end()
    await until(() => expect(api.streams.size).toBe(0))
  })

  it('is not ended by an answer that comes late', async () => {
    const answers: ((verdict: unknown) => void)[] = []
    const store = answering(good)
    const api = await frozen.start([jtiBlocklist(store)])
    const stream = await api.open()
    store.answer = () => new Promise((resolve) => answers.push(resolve))
    await frozen.pass(api, 6)
    await stream.leave()
    for (const answer of answers) answer({ revoked: true, by: 'token' })
    await frozen.pass(api, 1)
    expect(stream.signal.aborted).toBe(false)
  })
})
