import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Connection, ConnectOptions } from '../../../lib/redis/node-redis/connection.js'
import { ReconnectingClient } from '../../../lib/redis/node-redis/reconnecting-client.js'
import { manualTimer, settle, type ManualTimer } from '../../support/manual-timer.js'

/** Longer than the first waits between attempts. */
const RETRY_MS = 500
const CONNECT_MS = 3000

const connection: Connection = {
  send: async (command, args) => [command, ...args],
  pipeline: async (commands) => commands.map((command) => [null, command]),
}

let timer: ManualTimer
/** Attempts at a connection, each with the way to answer it. */
let attempts: (ConnectOptions & {
  readonly opened: (connection: Connection) => void
  readonly failed: (error: Error) => void
})[]
let told: unknown[]
let client: ReconnectingClient

beforeEach(() => {
  timer = manualTimer()
  attempts = []
  told = []
  client = new ReconnectingClient(
    (options) =>
      new Promise((opened, failed) => {
        attempts.push({ ...options, opened, failed })
      }),
    timer,
  )
  for (const event of ['ready', 'close']) client.on(event, () => told.push(event))
  client.on('error', (error: Error) => told.push(error.message))
})

async function connected(): Promise<void> {
  attempts.at(-1)!.opened(connection)
  await settle()
}

describe('ReconnectingClient', () => {
  it('connects from the start, and fails at once until it has', async () => {
    expect([client.status, attempts.length]).toEqual(['connect', 1])
    await expect(client.call('GET', ['k'])).rejects.toThrow('not connected')
    await expect(client.pipeline([['GET', 'k']]).exec()).rejects.toThrow('not connected')
    await client.connect()
    await connected()
    expect([client.status, told, timer.pending()]).toEqual(['ready', ['ready'], 0])
    expect(await client.call('GET', ['k'])).toEqual(['GET', 'k'])
    expect(await client.pipeline([['GET', 'k']]).exec()).toEqual([[null, ['GET', 'k']]])
    expect([client.isCluster, client.options]).toEqual([false, {}])
  })

  it.each([
    ['fails', async () => attempts[0]!.failed(new Error('refused')), 'refused'],
    ['is silent', async () => timer.advance(CONNECT_MS), 'No answer within 3000 ms'],
  ])('tries again after a while where an attempt %s', async (_name, fail, message) => {
    await fail()
    await settle()
    expect([client.status, told]).toEqual(['reconnecting', [message]])
    expect(attempts[0]!.signal.aborted).toBe(true)
    await timer.advance(24)
    expect(attempts).toHaveLength(1)
    await timer.advance(RETRY_MS)
    expect([client.status, attempts.length]).toEqual(['connect', 2])
    await connected()
    expect(client.status).toBe('ready')
  })

  it('tells that a connection was lost, and fails until there is another', async () => {
    await connected()
    attempts[0]!.lost(new Error('reset'))
    expect(told).toEqual(['ready', 'reset', 'close'])
    await expect(client.call('GET', ['k'])).rejects.toThrow('not connected')
    await timer.advance(RETRY_MS)
    await connected()
    expect(told.at(-1)).toBe('ready')
    expect(await client.call('GET', ['k'])).toEqual(['GET', 'k'])
  })

  it('hears no more of a connection that it has given up', async () => {
    await connected()
    attempts[0]!.lost(new Error('reset'))
    attempts[0]!.lost(new Error('reset again'))
    await timer.advance(RETRY_MS)
    attempts[0]!.lost(new Error('reset again'))
    expect(told).toEqual(['ready', 'reset', 'close'])
    expect(attempts).toHaveLength(2)
  })

  it('takes no connection that comes after its attempt was given up', async () => {
    await timer.advance(CONNECT_MS)
    attempts[0]!.opened(connection)
    await settle()
    expect(told).toEqual(['No answer within 3000 ms'])
  })

  it('waits longer after each attempt, and begins anew after one that was good', async () => {
    async function failTimes(count: number): Promise<number> {
      let waited = 0
      for (let turn = 0; turn < count; turn += 1) {
        attempts.at(-1)!.failed(new Error('refused'))
        await settle()
        const begun = attempts.length
        for (waited = 0; attempts.length === begun; waited += 5) await timer.advance(5)
      }
      return waited
    }
    expect(await failTimes(1)).toBeLessThanOrEqual(55)
    expect(await failTimes(9)).toBeGreaterThanOrEqual(250)
    await connected()
    attempts.at(-1)!.lost(new Error('reset'))
    const begun = attempts.length
    await timer.advance(50)
    expect(attempts).toHaveLength(begun + 1)
  })
})

describe('ReconnectingClient.disconnect', () => {
  it('ends it for good, with its connection', async () => {
    await connected()
    client.disconnect()
    expect([client.status, told]).toEqual(['end', ['ready', 'close']])
    expect(attempts[0]!.signal.aborted).toBe(true)
    attempts[0]!.lost(new Error('closed'))
    client.disconnect(true)
    await timer.advance(60_000)
    expect([client.status, attempts.length, told.length]).toEqual(['end', 1, 2])
  })

  it('ends an attempt, and takes what comes of it no more', async () => {
    client.disconnect()
    await connected()
    expect([client.status, told]).toEqual(['end', []])
  })

  it('ends the wait for another attempt', async () => {
    attempts[0]!.failed(new Error('refused'))
    await settle()
    client.disconnect()
    expect(timer.pending()).toBe(0)
  })

  it('may be to connect anew', async () => {
    await connected()
    client.disconnect(true)
    expect([client.status, told]).toEqual(['reconnecting', ['ready', 'close']])
    await timer.advance(RETRY_MS)
    await connected()
    expect(client.status).toBe('ready')
  })

  it('may be called by whoever hears of an error', async () => {
    client.on('error', () => client.disconnect())
    attempts[0]!.failed(new Error('NOAUTH'))
    await settle()
    await timer.advance(60_000)
    expect([client.status, attempts.length]).toEqual(['end', 1])
  })
})
