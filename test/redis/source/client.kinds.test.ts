import { afterEach, describe, expect, it } from '@jest/globals'
import { CLIENT_NAMES, CLIENTS } from '../../support/redis-clients.js'
import { outcome, token, untilOutcome, untilState } from '../../support/redis-store.js'
import { redisForEachTest } from '../../support/redis-under-test.js'
import { until } from '../../../tools/until.js'

const redis = redisForEachTest()
const { stores } = redis

afterEach(() => stores.close())

describe.each(CLIENT_NAMES)('a client of %s as "redis"', (name) => {
  const client = (): ReturnType<(typeof CLIENTS)[string]> => CLIENTS[name]!(redis.url)

  it.each(['strict', 'replicated'] as const)('serves in %s mode', async (mode) => {
    const store = await stores.ready({ redis: client(), mode })
    await store.revokeToken(token())
    await untilOutcome(store, 'token')
    expect(await outcome(store, token({ tokenId: 'another' }))).toBe('accepted')
  })

  it('is duplicated, and never used itself', async () => {
    const given = client()
    const store = await stores.ready({ redis: given })
    await store.revokeToken(token())
    expect('status' in given ? given.status : given.isOpen).toBe('status' in given ? 'wait' : false)
  })

  it('answers within the deadline while Redis is paused, and again when it goes on', async () => {
    const store = await stores.ready({ redis: client(), mode: 'strict' })
    redis.pause()
    const askedAt = performance.now()
    expect(await outcome(store)).toBe('unavailable')
    expect(performance.now() - askedAt).toBeLessThan(500 + 150)
    redis.resume()
    await untilOutcome(store, 'accepted')
  })

  it('fails at once while Redis is down, and serves once it is back', async () => {
    const store = await stores.ready({ redis: client() })
    await redis.kill()
    await untilState(store, 'down')
    const askedAt = performance.now()
    expect(await outcome(store)).toBe('unavailable')
    expect(performance.now() - askedAt).toBeLessThan(100)
    await redis.restart()
    await untilState(store, 'ready')
  })

  it('leaves no connection behind', async () => {
    const store = await stores.ready({ redis: client(), mode: 'replicated' })
    await store.revokeToken(token())
    await store.close()
    await until(async () => {
      const list = String(await redis.admin.call('CLIENT', ['LIST']))
      expect(list.trim().split('\n')).toHaveLength(1)
    })
  })

  it('says that a password is wanted', async () => {
    await redis.admin.config('SET', 'requirepass', 'secret')
    const store = stores.open({ redis: client() })
    await untilState(store, 'refused', /NOAUTH/)
    expect(await outcome(store)).toBe('unavailable')
  })

  it('says that a password is wrong', async () => {
    await redis.admin.config('SET', 'requirepass', 'secret')
    const store = stores.open({
      redis: CLIENTS[name]!(redis.url.replace('//', '//default:wrong@')),
    })
    await untilState(store, 'refused', /WRONGPASS/)
    expect(await outcome(store)).toBe('unavailable')
  })

  it('names the command that its user may not run, inside a script too', async () => {
    await redis.admin.acl('SETUSER', 'narrow', 'on', '>pass', '~*', '+@all', '-info')
    const store = stores.open({ redis: CLIENTS[name]!(redis.url.replace('//', '//narrow:pass@')) })
    await untilState(store, 'refused', /may not run info\. Allow/)
    expect(await outcome(store)).toBe('unavailable')
  })
})
