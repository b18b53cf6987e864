import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { createSharedRedis } from '../../../lib/http/throttle/shared-redis.js'
import type { RateLimitRedis } from '../../../lib/http/throttle/shared-script.js'
import type { RedisClient } from '../../../lib/redis/source/client.js'
import { manualTimer, settle, type ManualTimer } from '../../support/manual-timer.js'

/** A client of ioredis that is connected, and answers, when a test says so. */
class ScriptedClient extends EventEmitter implements RedisClient {
  status = 'connecting'
  readonly isCluster = false
  readonly options = {}
  readonly asked: unknown[] = []
  answer: () => Promise<unknown> = async () => 'OK'
  givenUp = 0

  call(command: string, args: readonly unknown[]): Promise<unknown> {
    this.asked.push([command, ...args])
    return this.answer()
  }

  pipeline(): never {
    throw new Error('not used here')
  }

  async connect(): Promise<void> {
    this.connected()
  }

  disconnect(): void {
    this.givenUp += 1
  }

  connected(): void {
    this.status = 'ready'
    this.emit('ready')
  }

  lost(error?: Error): void {
    this.status = 'reconnecting'
    if (error !== undefined) this.emit('error', error)
    this.emit('close')
  }
}

let client: ScriptedClient
let timer: ManualTimer
let shared: RateLimitRedis

beforeEach(async () => {
  client = new ScriptedClient()
  timer = manualTimer()
  shared = createSharedRedis(optionCheck('requireBearer'), () => client, {
    option: 'throttle.redis',
    timer,
  })
  await settle()
})

/** What a call has come to. */
function watched(call: Promise<unknown>): () => unknown {
  let outcome: unknown = 'waiting'
  call.then(
    (answer) => (outcome = answer),
    (error: unknown) => (outcome = error),
  )
  return () => outcome
}

describe('the Redis that counts for all processes', () => {
  it('is waited for while the first connection is under way', async () => {
    const outcome = watched(shared.call('PING', 'a'))
    await settle()
    expect([outcome(), client.asked]).toEqual(['waiting', []])
    client.connected()
    await settle()
    expect([outcome(), client.asked]).toEqual(['OK', [['PING', 'a']]])
  })

  it('is not waited for once that has failed, which is told without what was asked', async () => {
    const outcome = watched(shared.call('PING'))
    const words = "ERR unknown command 'AUTH', with args beginning with: 'hunter2'"
    client.lost(Object.assign(new Error(words), { command: { args: ['hunter2'] } }))
    await settle()
    for (const seen of [outcome, watched(shared.call('PING'))]) {
      await settle()
      expect(seen()).toEqual(new Error("ERR unknown command 'AUTH'"))
      expect(seen()).not.toHaveProperty('command')
    }
    expect(client.asked).toEqual([])
  })

  it('is asked again once it is back', async () => {
    client.connected()
    client.lost()
    await expect(shared.call('PING')).rejects.toThrow('the connection was closed')
    client.connected()
    expect(await shared.call('PING')).toBe('OK')
  })

  it('is given up where it is silent for a second', async () => {
    client.connected()
    await timer.advance(5000)
    client.answer = () => new Promise(() => undefined)
    const outcome = watched(shared.call('PING'))
    await timer.advance(999)
    expect([outcome(), client.givenUp]).toEqual(['waiting', 0])
    await timer.advance(1)
    await settle()
    expect(outcome()).toMatchObject({ name: 'DeadlineExceeded' })
    expect(client.givenUp).toBe(1)
  })

  it('is kept where it answers by an error', async () => {
    client.connected()
    await timer.advance(5000)
    client.answer = () => Promise.reject(new Error('OOM'))
    await expect(shared.call('SET')).rejects.toThrow('OOM')
    expect(client.givenUp).toBe(0)
  })
})
