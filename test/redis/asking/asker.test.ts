import { beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { createAsker, openAsker, type Asker } from '../../../lib/redis/asking/asker.js'
import { script } from '../../../lib/redis/scripts.js'
import { manualTimer, settle, type ManualTimer } from '../../support/manual-timer.js'
import { scriptedRedis, type RedisAnswer } from '../../support/scripted-redis.js'

const ASKED = { script: script('return 1'), keys: ['k'], args: ['a', 7] }
const silence: RedisAnswer = () => new Promise(() => undefined)

let timer: ManualTimer
let answer: RedisAnswer
let redis: ReturnType<typeof scriptedRedis>
let status: string
let resets: number
let asker: Asker

beforeEach(() => {
  timer = manualTimer()
  answer = () => 'done'
  status = 'ready'
  resets = 0
  redis = scriptedRedis((command, args) => answer(command, args))
  Object.defineProperty(redis.client, 'status', { get: () => status })
  redis.client.disconnect = (reconnect) => void (resets += reconnect === true ? 1 : 0)
})

async function connect(as = 'ready'): Promise<void> {
  status = as
  asker = createAsker(redis, { deadlineMs: 500, timer })
  await settle()
}

function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' })
}

async function failure(asking = asker.ask(ASKED)): Promise<unknown> {
  return asking.then(
    () => 'an answer',
    (error: Error) => error.message,
  )
}

describe('a script that is asked', () => {
  it('runs over a connection of its own', async () => {
    await connect()
    expect(await asker.ask(ASKED)).toBe('done')
    expect(redis.calls).toEqual([['evalsha', ASKED.script.sha1, 1, 'k', 'a', 7]])
    expect([redis.count.opened, asker.connections]).toEqual([1, 1])
    expect(timer.pending()).toBe(0)
  })

  it('has its answer by the deadline, or tries another connection', async () => {
    await connect()
    await timer.advance(1000)
    answer = silence
    const asking = failure()
    await timer.advance(499)
    expect(timer.pending()).toBe(1)
    await timer.advance(1)
    expect(await asking).toBe('No answer within 500 ms')
    expect(resets).toBe(1)
  })

  it.each<[string, () => unknown, number]>([
    ['a connection broke, which comes back', () => Promise.reject(new Error('ECONNRESET')), 0],
    ['the answer is no error of Redis', () => Promise.reject('odd'), 0],
    ['the server is a replica now', () => Promise.reject(replyError('READONLY no')), 1],
    ['Redis says no', () => Promise.reject(replyError('WRONGTYPE no')), 0],
  ])('where %s, tries another connection or not', async (_name, fails, count) => {
    await connect()
    await timer.advance(1000)
    answer = fails
    await failure()
    expect(resets).toBe(count)
  })
})

describe('a script that is asked before there is a connection', () => {
  it('waits for the first one', async () => {
    await connect('connect')
    const asking = asker.ask(ASKED)
    await timer.advance(1999)
    status = 'ready'
    redis.fire('ready')
    expect(await asking).toBe('done')
  })

  it('waits two seconds from the start at most, whenever it comes', async () => {
    await connect('connect')
    await timer.advance(1500)
    const asking = failure()
    await timer.advance(499)
    expect(timer.pending()).toBeGreaterThan(0)
    await timer.advance(1)
    expect(await asking).toBe('No answer within 500 ms')
    expect(await failure()).toBe('not connected')
  })

  it('fails at once where only the operator can help', async () => {
    await connect('connect')
    const asking = failure()
    redis.fire('error', new Error('NOAUTH Authentication required'))
    expect(await asking).toMatch(/^NOAUTH/)
    expect(await failure()).toMatch(/^NOAUTH/)
    expect(redis.calls).toEqual([])
  })

  it('goes on waiting where the trouble may pass', async () => {
    await connect('connect')
    const asking = asker.ask(ASKED)
    redis.fire('error', new Error('connect ECONNREFUSED'))
    await settle()
    status = 'ready'
    redis.fire('ready')
    expect(await asking).toBe('done')
  })
})

describe('a script that is asked after the connection was lost', () => {
  it('fails at once, with the reason, and is served by the next connection', async () => {
    await connect()
    redis.fire('close')
    expect(await failure()).toBe('the connection was closed')
    expect(timer.pending()).toBe(0)
    redis.fire('ready')
    expect(await asker.ask(ASKED)).toBe('done')
    expect(asker.connections).toBe(2)
  })

  it('fails once its asker is closed', async () => {
    await connect()
    asker.close()
    expect(await failure()).toBe('not connected')
  })
})

describe('openAsker', () => {
  const check = optionCheck('redisThing')
  const source = 'redis://127.0.0.1:1'

  it.each([
    [undefined, 'fallback'],
    ['mine', 'mine'],
  ])('names its keys: %j', (name, expected) => {
    const opened = openAsker(check, { redis: source, name }, 'fallback')
    expect(opened.name).toBe(expected)
    opened.asker.close()
  })

  it.each<[object, RegExp]>([
    [{ redis: source, names: 'x' }, /unknown option "names". Did you mean "name"/],
    [{ redis: source, name: '' }, /"name" must/],
    [{ redis: source, deadlineMs: 9 }, /"deadlineMs" must/],
    [{ redis: source, deadlineMs: 10_001 }, /"deadlineMs" must/],
    [{ redis: 'http://x' }, /"redis" must/],
  ])('refuses %p', (options, complaint) => {
    expect(() => openAsker(check, options as never, 'fallback')).toThrow(complaint)
  })

  it.each([10, 10_000])('takes a deadline of %i ms', (deadlineMs) => {
    const { asker: opened } = openAsker(check, { redis: source, deadlineMs }, 'fallback')
    expect(opened.connections).toBe(0)
    opened.close()
  })
})
