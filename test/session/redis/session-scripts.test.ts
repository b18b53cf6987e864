import { describe, expect, it } from '@jest/globals'
import {
  CLAIM,
  CREATE,
  END_SESSION,
  LOCK,
  READ_SESSION,
  UNLOCK,
  WRITE,
} from '../../../lib/session/redis/session-scripts.js'
import { beginning, redisOfOneKey } from '../../support/one-key.js'

const KEY = 'sessions:of-one-user'
const HOUR_MS = 3_600_000

describe('scripts of sessions', () => {
  const { redis, run } = redisOfOneKey(KEY)
  const create = (): Promise<unknown> => run(CREATE, 'record', HOUR_MS, 10 * HOUR_MS)

  /** All that is stored, and until when. */
  async function stored(): Promise<unknown> {
    return [await redis.admin.hgetall(KEY), await redis.admin.pexpiretime(KEY)]
  }

  it('touch the key of their session alone, so that a user of Redis can be held to it', async () => {
    await create()
    expect(await run(LOCK, 'a', 5000)).toEqual(beginning('record', '1'))
    expect(await run(WRITE, 'later', 'a', 1)).toBe(1)
    expect(await run(READ_SESSION, 1)).toEqual(beginning('later', '2'))
    await run(UNLOCK, 'a')
    expect(await redis.admin.keys('*')).toEqual([KEY])
    await run(END_SESSION)
    expect(await run(CLAIM, 1000)).toBe(1)
    expect(await run(CLAIM, 1000)).toBe(0)
  })

  it.each([
    ['READ_SESSION without use', READ_SESSION, [0]],
    ['READ_SESSION of a session that was just begun', READ_SESSION, [1]],
    ['UNLOCK by another holder', UNLOCK, ['other']],
    ['LOCK while another has it', LOCK, ['other', 5000]],
    ['WRITE by another holder', WRITE, ['theirs', 'other', 1]],
    ['WRITE of an earlier version', WRITE, ['old', 'holder', 0]],
    ['WRITE of a later version', WRITE, ['new', 'holder', 2]],
  ])('write nothing by %s', async (_what, script, args) => {
    await create()
    await run(LOCK, 'holder', 60_000)
    const before = await stored()
    await run(script, ...args)
    expect(await stored()).toEqual(before)
  })

  it.each([
    ['READ_SESSION', READ_SESSION, [1]],
    ['LOCK', LOCK, ['holder', 5000]],
    ['WRITE', WRITE, ['record', 'holder', 1]],
    ['UNLOCK', UNLOCK, ['holder']],
    ['END_SESSION', END_SESSION, []],
  ])('bring no session back by %s that is over', async (_what, script, args) => {
    await run(script, ...args)
    expect(await redis.admin.exists(KEY)).toBe(0)
  })

  it('tell a holder that another has the lock, and give it to the same one again', async () => {
    await create()
    expect(await run(LOCK, 'a', 60_000)).toEqual(beginning('record'))
    expect(await run(LOCK, 'b', 60_000)).toBe('held')
    expect(await run(LOCK, 'a', 60_000)).toEqual(beginning('record'))
  })

  it('take a write that is sent again for the one before, and no other for it', async () => {
    await create()
    await run(LOCK, 'a', 60_000)
    expect(await run(WRITE, 'later', 'a', 1)).toBe(1)
    expect(await run(WRITE, 'later', 'a', 1)).toBe(1)
    expect(await run(WRITE, 'another', 'a', 1)).toBe(0)
    expect(await run(READ_SESSION, 0)).toEqual(beginning('later', '2'))
  })

  it('begin anew where a session of that id was there, without its lock and its version', async () => {
    await create()
    await run(LOCK, 'a', 60_000)
    await create()
    expect(await run(LOCK, 'b', 60_000)).toEqual(beginning('record', '1'))
  })

  it('put no end off beyond the life of the session', async () => {
    await run(CREATE, 'record', 10 * HOUR_MS, HOUR_MS)
    const [, ends] = (await stored()) as [unknown, number]
    await redis.admin.pexpire(KEY, 1000)
    await run(READ_SESSION, 1)
    expect(((await stored()) as [unknown, number])[1]).toBe(ends)
  })
})
