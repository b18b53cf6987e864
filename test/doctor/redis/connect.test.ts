import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { connect } from '../../../lib/doctor/redis/connect.js'
import type { ClientOpener, RedisClient } from '../../../lib/redis/source/client.js'

/** A connection that comes and fails when a test wants it. */
class Connection extends EventEmitter {
  status = 'connecting'
  closed = 0
  disconnect(): void {
    this.closed += 1
  }
}

let connection: Connection
const opener: ClientOpener = { open: async () => connection as unknown as RedisClient }
const turn = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

/** Caught at once, since it comes while a test does something else. */
const failureOf = (connecting: ReturnType<typeof connect>): Promise<string> =>
  connecting.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] })
  connection = new Connection()
})
afterEach(() => void jest.useRealTimers())

describe('a connection of the doctor', () => {
  it('is the client, once it is ready, and ends it', async () => {
    const connecting = connect(opener)
    await turn()
    connection.emit('ready')
    const connected = await connecting
    expect(connected.client).toBe(connection)
    connected.close()
    expect(connection.closed).toBe(1)
  })

  it('fails at once by what will not pass', async () => {
    const connecting = connect(opener)
    await turn()
    connection.emit('error', new Error('WRONGPASS invalid username-password pair'))
    await expect(connecting).rejects.toThrow('WRONGPASS')
    expect(connection.closed).toBe(1)
  })

  it('waits where another attempt may succeed, for 2 seconds', async () => {
    const failure = failureOf(connect(opener))
    await turn()
    connection.emit('error', new Error('connect ECONNREFUSED 127.0.0.1:1'))
    jest.advanceTimersByTime(1999)
    await turn()
    expect(connection.closed).toBe(0)
    jest.advanceTimersByTime(1)
    expect(await failure).toContain('ECONNREFUSED')
    expect(connection.closed).toBe(1)
  })

  it('says so where nothing is heard at all', async () => {
    const failure = failureOf(connect(opener))
    await turn()
    jest.advanceTimersByTime(2000)
    expect(await failure).toBe('No answer within 2000 ms')
  })

  it('fails by what keeps the client from being made', async () => {
    const refusing: ClientOpener = {
      open: () => Promise.reject(new Error('"redis" needs the package ioredis')),
    }
    const failure = failureOf(connect(refusing))
    await turn()
    jest.advanceTimersByTime(2000)
    expect(await failure).toContain('needs the package')
  })
})
