import { describe, expect, it } from '@jest/globals'
import {
  END,
  END_SUBJECT,
  FIND,
  LIST,
  ROTATE,
  START,
} from '../../../lib/session/redis/family-scripts.js'
import { beginning, redisOfOneKey } from '../../support/one-key.js'

const KEY = 'families:{of-one-user}'
const DAY_MS = 86_400_000
const [ONE, TWO, THREE] = ['family-01', 'family-02', 'family-03'] as const

describe('scripts of families', () => {
  const { redis, run } = redisOfOneKey(KEY)
  const start = (id: string, session = id, most = 100): Promise<unknown> =>
    run(START, id, 'alice', 'web', session, DAY_MS, 2 * DAY_MS, most)
  const rotate = (id: string, count: number, client = 'web'): Promise<unknown> =>
    run(ROTATE, id, count, client, DAY_MS, 0)
  const sessions = async (): Promise<unknown[]> =>
    ((await run(LIST)) as unknown[][]).map((family) => family[4])

  it('touch the key of their user alone, so that a user of Redis can be held to it', async () => {
    await start(ONE)
    await rotate(ONE, 1)
    expect(await run(FIND, ONE)).toEqual(beginning('2', 'live', 'alice', 'web', ONE))
    expect(await sessions()).toEqual([ONE])
    expect(await run(END, ONE, 'reused')).toEqual(beginning('2', 'reused'))
    expect(await run(END_SUBJECT, '')).toBe(0)
    expect(await redis.admin.keys('*')).toEqual([KEY])
  })

  it.each([
    ['FIND', FIND, [ONE]],
    ['LIST', LIST, []],
    ['ROTATE by another client', ROTATE, [ONE, 1, 'other', DAY_MS, 0]],
    ['END of another family', END, [TWO, 'ended']],
    ['END_SUBJECT that spares the session', END_SUBJECT, [ONE]],
  ])('write nothing by %s', async (_what, script, args) => {
    await start(ONE)
    const before = [await redis.admin.getBuffer(KEY), await redis.admin.pexpiretime(KEY)]
    await run(script, ...args)
    expect([await redis.admin.getBuffer(KEY), await redis.admin.pexpiretime(KEY)]).toEqual(before)
  })

  it('begin nothing by a question', async () => {
    expect(await run(FIND, ONE)).toBeNull()
    expect(await rotate(ONE, 1)).toBeNull()
    expect(await run(END, ONE, 'ended')).toBeNull()
    expect([await run(LIST), await run(END_SUBJECT, '')]).toEqual([[], 0])
    expect(await redis.admin.exists(KEY)).toBe(0)
  })

  it('write a rotation into its place: the logins of the others stay as they are', async () => {
    for (const id of [ONE, TWO, THREE]) await start(id)
    expect(((await rotate(TWO, 1)) as unknown[]).at(-1)).toBe('rotated')
    expect(await sessions()).toEqual([ONE, TWO, THREE])
    const counts = await Promise.all([ONE, TWO, THREE].map((id) => run(FIND, id)))
    expect(counts.map((family) => (family as unknown[])[0])).toEqual(['1', '2', '1'])
  })

  it('end a family by a token that is used twice, or that nobody gave out', async () => {
    for (const id of [ONE, TWO]) await start(id)
    await rotate(ONE, 1)
    expect(((await rotate(ONE, 1)) as unknown[]).at(-1)).toBe('reused')
    expect(((await rotate(TWO, 2)) as unknown[]).at(-1)).toBe('ahead')
    expect(await run(FIND, ONE)).toEqual(beginning('2', 'reused'))
    expect(await run(FIND, TWO)).toEqual(beginning('1', 'reused'))
    expect(await sessions()).toEqual([])
  })

  it.each([
    [1, [THREE]],
    [2, [TWO, THREE]],
    [3, [ONE, TWO, THREE]],
  ])('forget the oldest where a user may have %d', async (most, left) => {
    for (const id of [ONE, TWO, THREE]) await start(id, id, most)
    expect(await sessions()).toEqual(left)
  })

  it('end all families but those of one session', async () => {
    await start(ONE, 'here')
    await start(TWO, 'there')
    await start(THREE, 'there')
    expect(await run(END_SUBJECT, 'here')).toBe(2)
    expect(await sessions()).toEqual(['here'])
  })
})
