import { describe, expect, it } from '@jest/globals'
import {
  authOf,
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  type JtiBlocklistOptions,
} from '../../../lib/index.js'
import { testRevocationStore } from '../../../lib/testing.js'
import { answering, down, good } from '../../support/answering-checker.js'
import { frozenStreams } from '../../support/frozen-streams.js'

const frozen = frozenStreams()
const { clock } = frozen

describe('the denylist of a stream', () => {
  it('ends it a quarter of a second after a store tells of a revocation', async () => {
    const store = memoryRevocationStore({ clock, clockToleranceSeconds: 0 })
    const api = await frozen.start([jtiBlocklist(store)])
    const [revoked, other] = [await api.open({ sub: 'a' }), await api.open({ sub: 'b' })]
    await store.revokeToken(authOf(revoked.req))
    await api.timer.advance(250)
    expect(revoked.reason()).toMatchObject({ code: 'invalid_token', reason: 'revoked' })
    await frozen.pass(api, 6)
    expect(other.signal.aborted).toBe(false)
  })

  it('is asked again within 5 seconds where the store tells nothing', async () => {
    const store = answering(good)
    const api = await frozen.start([jtiBlocklist(store)])
    const stream = await api.open()
    store.answer = async () => ({ revoked: true, by: 'session' })
    await frozen.pass(api, 5.5)
    expect(stream.reason()).toMatchObject({ reason: 'revoked', detail: 'Revoked by session' })
  })

  it('is asked no more than every 5 seconds', async () => {
    const store = answering(good)
    const api = await frozen.start([jtiBlocklist(store)])
    await api.open()
    store.asked = 0
    await frozen.pass(api, 60)
    expect(store.asked).toBeLessThanOrEqual(13)
    expect(store.asked).toBeGreaterThanOrEqual(11)
  })

  it.each([
    ['throws', down],
    ['rejects', async () => down()],
    ['answers no verdict', () => undefined],
    ['never answers', () => new Promise(() => undefined)],
  ])('leaves it open for 30 seconds where the store %s', async (_case, outage) => {
    const store = answering(good)
    const api = await frozen.start([jtiBlocklist(store)])
    const stream = await api.open()
    await frozen.pass(api, 6)
    store.answer = outage
    await frozen.pass(api, 29)
    expect(stream.signal.aborted).toBe(false)
    await frozen.pass(api, 12)
    expect(stream.reason()).toMatchObject({ status: 503, reason: 'revocation_unavailable' })
    expect([api.streams.size, api.timer.pending()]).toEqual([0, 0])
  })

  it('leaves it open through a failover', async () => {
    const store = answering(good)
    const api = await frozen.start([jtiBlocklist(store)])
    const stream = await api.open()
    for (let turn = 0; turn < 5; turn += 1) {
      store.answer = down
      await frozen.pass(api, 20)
      store.answer = good
      await frozen.pass(api, 10)
    }
    expect(stream.signal.aborted).toBe(false)
  })

  it('ends it for what was revoked during an outage', async () => {
    const store = answering(good)
    const api = await frozen.start([jtiBlocklist(store)])
    const stream = await api.open()
    store.answer = down
    await frozen.pass(api, 20)
    store.answer = () => ({ revoked: true, by: 'floor' })
    await frozen.pass(api, 6)
    expect(stream.reason()).toMatchObject({ reason: 'before_floor' })
  })

  it.each<[string, JtiBlocklistOptions['onUnavailable'], boolean]>([
    ['lets tokens pass', 'dangerouslyAllow', false],
    ['lets this one pass', () => 'dangerouslyAllow', false],
    ['refuses this one', () => 'refuse', true],
    [
      'throws',
      () => {
        throw new Error('a bug')
      },
      true,
    ],
  ])('in an outage goes by onUnavailable where that %s', async (_case, onUnavailable, aborted) => {
    const store = answering(good)
    const api = await frozen.start([jtiBlocklist(store, { onUnavailable: onUnavailable! })])
    const stream = await api.open()
    store.answer = down
    await frozen.pass(api, 100)
    expect(stream.signal.aborted).toBe(aborted)
    const bypassed = api.events.filter(({ name }) => name === 'revocation.bypassed')
    expect(bypassed).toHaveLength(aborted ? 0 : 3)
  })

  it('that was closed ends it as an outage', async () => {
    const store = memoryRevocationStore({ clock })
    const api = await frozen.start([jtiBlocklist(store)])
    const stream = await api.open()
    await store.close()
    await frozen.pass(api, 36)
    expect(stream.reason()).toMatchObject({ status: 503, reason: 'revocation_unavailable' })
  })

  it('may be one of several, each of which ends it', async () => {
    const stores = [memoryRevocationStore({ clock }), memoryRevocationStore({ clock })]
    const api = await frozen.start(stores.map((store) => jtiBlocklist(store)))
    for (const store of stores) {
      const stream = await api.open()
      await store.revokeToken(authOf(stream.req))
      await api.timer.advance(250)
      expect(stream.reason()).toMatchObject({ reason: 'revoked' })
    }
  })

  it('still counts where another requireBearer stands behind it', async () => {
    const store = memoryRevocationStore({ clock })
    const second = requireBearer({
      issuer: frozen.issuer.url,
      audience: frozen.issuer.audience,
      clock,
    })
    const api = await frozen.start([jtiBlocklist(store), second])
    const stream = await api.open()
    await store.revokeToken(authOf(stream.req))
    await api.timer.advance(250)
    expect(stream.reason()).toMatchObject({ reason: 'revoked' })
    second.close()
  })

  it('is watched once for all streams, and not any more once they have closed', async () => {
    const store = memoryRevocationStore({ clock })
    let watching = 0
    const counted = {
      ...store,
      watch(changed: () => void) {
        watching += 1
        const end = store.watch!(changed)
        return () => {
          watching -= 1
          end()
        }
      },
    }
    const api = await frozen.start([jtiBlocklist(counted)])
    const streams = [await api.open(), await api.open(), await api.open()]
    expect(watching).toBe(1)
    for (const stream of streams) await stream.leave()
    expect([watching, api.streams.size]).toEqual([0, 0])
  })

  it.each([
    ['throws', () => down()],
    ['rejects', async () => down()],
    ['returns nothing', () => undefined],
  ])('is asked in turns where watch() of the store %s', async (_case, watch) => {
    const store = { ...answering(good), watch: watch as never }
    const api = await frozen.start([jtiBlocklist(store)])
    const stream = await api.open()
    store.check = () => ({ revoked: true, by: 'token' }) as never
    await frozen.pass(api, 5.5)
    expect(stream.reason()).toMatchObject({ reason: 'revoked' })
    expect(api.streams.size).toBe(0)
  })

  it('that is down or up again by testRevocationStore is watched like any other', async () => {
    const store = testRevocationStore({ clock })
    const api = await frozen.start([jtiBlocklist(store)])
    const stream = await api.open()
    store.outage()
    await frozen.pass(api, 10)
    store.recover()
    await store.revokeToken(authOf(stream.req))
    await api.timer.advance(250)
    expect(stream.reason()).toMatchObject({ reason: 'revoked' })
  })

  it('is not swept where each answer takes a question to a server', async () => {
    const told: (() => void)[] = []
    const store = answering(async () => ({ revoked: false }))
    const watched = {
      ...store,
      watch(changed: () => void) {
        told.push(changed)
        return () => undefined
      },
    }
    const api = await frozen.start([jtiBlocklist(watched)])
    for (let count = 0; count < 10; count += 1) await api.open()
    store.asked = 0
    for (const changed of told) changed()
    await api.timer.advance(250)
    expect(told).toHaveLength(1)
    expect(store.asked).toBeLessThanOrEqual(2)
  })
})
