import { beforeEach, describe, expect, it } from '@jest/globals'
import { INSPECT } from '../../lib/redis/server-facts.js'
import { createEvictionWatch, type EvictionWatch } from '../../lib/replay/eviction-watch.js'
import { manualTimer, settle, type ManualTimer } from '../support/manual-timer.js'

const TTL_MS = 60_000
const DOUBT = 'Redis has evicted keys, and used proofs maybe'

interface Server {
  runId: string
  policy: string
  evicted: number
}

let server: Server
let asked: unknown[]
let asker: { connections: number; ask: (what: unknown) => Promise<unknown> }
let timer: ManualTimer
let watch: EvictionWatch

beforeEach(() => {
  server = { runId: 'one', policy: 'noeviction', evicted: 0 }
  asked = []
  asker = {
    connections: 1,
    async ask(what) {
      asked.push(what)
      const { runId, policy, evicted } = server
      return `run_id:${runId}\r\nmaxmemory:1\r\nmaxmemory_policy:${policy}\r\nevicted_keys:${evicted}\r\n`
    },
  }
  timer = manualTimer()
  watch = createEvictionWatch(asker, timer)
})

const inspect = (ttlMs = TTL_MS): Promise<string | undefined> => watch.inspect('proofs:key', ttlMs)

describe('a Redis that keeps used proofs', () => {
  it('is asked once a second, about the node of the key', async () => {
    expect(await inspect()).toBeUndefined()
    await timer.advance(999)
    await inspect()
    expect(asked).toEqual([{ script: INSPECT, keys: ['proofs:key'], args: [] }])
    await timer.advance(1)
    await inspect()
    expect(asked).toHaveLength(2)
  })

  it('is asked once for all claims of one moment, and each has the answer', async () => {
    server.policy = 'allkeys-lru'
    const [first, ...others] = await Promise.all([inspect(), inspect(), inspect()])
    expect(first).toContain('Redis may evict used proofs, because maxmemory-policy is allkeys-lru')
    expect(others).toEqual([first, first])
    expect(asked).toHaveLength(1)
  })

  it('is asked at once on another connection, which may lead to another server', async () => {
    await inspect()
    asker.connections = 2
    server.policy = 'allkeys-lru'
    expect(await inspect()).toContain('Redis may evict')
  })

  it('is asked each time while it may evict, so that it is believed as soon as it is set right', async () => {
    server.policy = 'volatile-ttl'
    await inspect()
    server.policy = 'noeviction'
    expect(await inspect()).toBeUndefined()
    await inspect()
    expect(asked).toHaveLength(2)
  })

  it('is asked again after it did not answer: nothing is known then', async () => {
    const { ask } = asker
    asker.ask = () => Promise.reject(new Error('no answer'))
    await expect(inspect()).rejects.toThrow('no answer')
    asker.ask = ask
    await settle()
    expect(await inspect()).toBeUndefined()
  })
})

/** Evicts a key, and lets the time pass until that is asked for. */
async function evict(changes: Partial<Server> = {}): Promise<void> {
  Object.assign(server, { evicted: server.evicted + 1, ...changes })
  await timer.advance(1000)
}

describe('a Redis that has evicted keys', () => {
  it('is doubted until the longest proof that it may have lost has ended', async () => {
    await inspect(90_000)
    await inspect(1000)
    await evict()
    expect(await inspect(1000)).toBe(DOUBT)
    await timer.advance(89_999)
    expect(await inspect(1000)).toBe(DOUBT)
    await timer.advance(1)
    expect(await inspect(1000)).toBeUndefined()
  })

  it('is not doubted for what it evicted before the first question', async () => {
    server.evicted = 7
    expect(await inspect()).toBeUndefined()
    await timer.advance(1000)
    expect(await inspect()).toBeUndefined()
  })

  it('is doubted from then on once more, where it evicts again', async () => {
    await inspect()
    await evict()
    await inspect()
    await timer.advance(TTL_MS - 2000)
    await evict()
    expect(await inspect()).toBe(DOUBT)
    await timer.advance(TTL_MS - 1)
    expect(await inspect()).toBe(DOUBT)
  })

  it('is not doubted for what another server evicted, whose count is its own', async () => {
    await inspect()
    await evict({ runId: 'two', evicted: 9 })
    expect(await inspect()).toBeUndefined()
  })
})
