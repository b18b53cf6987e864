import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis5'
import type { RedisSource } from '../../../lib/redis.js'
import { outcome, token, untilOutcome, untilState } from '../../support/redis-store.js'
import { redisForEachTest } from '../../support/redis-under-test.js'
import { SELF_SIGNED } from '../../../tools/self-signed.js'

const redis = redisForEachTest()
const { stores } = redis
const ca = SELF_SIGNED.cert

let server: Server
let url: string

/** TLS ends in front of Redis, as at most hosted ones. */
beforeEach(async () => {
  server = createServer(SELF_SIGNED, (secure) => {
    const plain = connect(redis.port, '127.0.0.1')
    const end = (): void => void [secure, plain].map((socket) => socket.destroy())
    for (const socket of [secure, plain]) socket.on('error', end).on('close', end)
    secure.pipe(plain).pipe(secure)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `rediss://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  await stores.close()
  server.close()
  await once(server, 'close')
})

function quiet<T extends { on(event: 'error', listener: () => void): unknown }>(client: T): T {
  client.on('error', () => undefined)
  return client
}

describe('a Redis behind TLS', () => {
  it.each<[string, () => RedisSource]>([
    ['a client of ioredis 6', () => quiet(new Redis(url, { lazyConnect: true, tls: { ca } }))],
    ['a client of ioredis 5', () => quiet(new Redis5(url, { lazyConnect: true, tls: { ca } }))],
    ['a client of node-redis 6', () => quiet(createClient({ url, socket: { tls: true, ca } }))],
    ['a client of node-redis 5', () => quiet(createClient5({ url, socket: { tls: true, ca } }))],
    ['a factory', () => (failFast) => new Redis(url, { ...failFast, tls: { ca } })],
  ])('serves %s that knows its CA', async (_name, source) => {
    const store = await stores.ready({ redis: source(), mode: 'strict' })
    await store.revokeToken(token())
    await untilOutcome(store, 'token')
    expect(await outcome(store, token({ tokenId: 'another' }))).toBe('accepted')
  })

  it.each(['rediss', 'valkeys'])('is not believed by %s:// without its CA', async (scheme) => {
    const store = stores.open({ redis: url.replace('rediss', scheme) })
    await untilState(store, 'down', /self.signed|certificate/i)
    expect(await outcome(store)).toBe('unavailable')
  })
})
