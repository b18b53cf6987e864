import { beforeEach, describe, expect, it } from '@jest/globals'
import {
  createLogReader,
  type LogEntry,
  type LogReader,
} from '../../../../lib/revocation/redis/replica/log-reader.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { manualTimer, settle, type ManualTimer } from '../../../support/manual-timer.js'
import { scriptedRedis, type ScriptedRedis } from '../../../support/scripted-redis.js'

const keys = createKeyNames('app', false)
let timer: ManualTimer
let redis: ScriptedRedis
/** What Redis answers to one question after another; it hangs once there is no more. */
let pages: (() => unknown)[]
let delivered: [readonly LogEntry[], string][]
let started: number
let fails: boolean
let reader: LogReader

beforeEach(async () => {
  timer = manualTimer()
  pages = []
  delivered = []
  started = 0
  fails = false
  redis = scriptedRedis(() => {
    const page = pages.shift()
    return page === undefined ? new Promise(() => undefined) : page()
  })
})

async function read(...next: unknown[]): Promise<void> {
  pages = next.map((page) => () => page)
  reader = createLogReader(redis, keys, timer, {
    started: () => void (started += 1),
    entries(entries, last) {
      if (fails) throw new Error('not taken')
      delivered.push([entries, last])
    },
  })
  await settle()
}

const fields = (n: number, name: string, record: string): string[] => [
  'n',
  `${n}`,
  'k',
  name,
  'v',
  record,
  'u',
  '5500',
]
const page = (...entries: [string, string[]][]): unknown => [['{app}:log', entries]]
const askedAfter = (): unknown[] => redis.calls.map((call) => call.at(-1))

describe('a reader of the log', () => {
  it('asks for what follows the last entry, at first for all', async () => {
    await read(page(['5-0', fields(1, 'j:a:t', '1')], ['5-1', fields(2, 'j:a:u', '1')]), null)
    expect(redis.calls[0]).toEqual([
      'xread',
      'COUNT',
      32,
      'BLOCK',
      1000,
      'STREAMS',
      '{app}:log',
      '0-0',
    ])
    expect(askedAfter()).toEqual(['0-0', '5-1', '5-1'])
    expect(delivered).toHaveLength(1)
    expect(delivered[0]![1]).toBe('5-1')
    expect(delivered[0]![0].map(({ sequence }) => sequence)).toEqual([1, 2])
    expect(reader.trouble).toBeUndefined()
  })

  it('takes pages that grow, so that none holds up requests', async () => {
    const one = page(['5-0', fields(1, 'j:a:t', '1')])
    await read(...Array.from({ length: 6 }, () => one))
    expect(redis.calls.map((call) => call[2])).toEqual([32, 64, 128, 256, 500, 500, 500])
  })

  it.each<[string, string, string, unknown]>([
    ['a token', 'j:a:t', '1', true],
    ['a session', 'd:a:s', '1', true],
    [
      'a user',
      's:a:u',
      '12;x=-',
      { notBefore: 12, sessions: new Map([['x', Number.NEGATIVE_INFINITY]]) },
    ],
    ['a client', 'c:a:c', '7', 7],
    ['a version', 'v:a:u', '3', 3],
    ['all', 'g', '9.5', 9.5],
  ])('reads an entry of %s', async (_name, name, record, value) => {
    await read(page(['5-0', fields(1, name, record)]))
    expect(delivered).toEqual([[[{ sequence: 1, name, value, until: 5.5 }], '5-0']])
  })

  it.each<[string, unknown, RegExp]>([
    ['no list', 'OK', /^Redis answered XREAD oddly$/],
    ['an empty list', [], /^Redis answered XREAD oddly$/],
    ['a stream without entries', [['{app}:log']], /oddly/],
    ['an entry without an id', page([7 as never, []]), /oddly/],
    ['an entry that is no list', [['{app}:log', ['5-0']]], /oddly/],
    ['an entry without fields', page(['5-0', undefined as never]), /oddly/],
    ['an entry with fields that are no texts', page(['5-0', [1] as never]), /oddly/],
    [
      'an entry with one field that is no text',
      page(['5-0', fields(1, 'j:a', '1').with(1, 1 as never)]),
      /oddly/,
    ],
    [
      'an entry without an id among others',
      page(['5-0', fields(1, 'j:a', '1')], [7 as never, fields(2, 'j:a', '1')]),
      /oddly/,
    ],
    ['a shorter entry', page(['5-0', ['n', '1']]), /entry of a format/],
    ['a longer entry', page(['5-0', [...fields(1, 'j:a:t', '1'), 'x', '1']]), /entry of a format/],
    [
      'an entry whose first field is another',
      page(['5-0', ['x', ...fields(1, 'j', '1').slice(1)]]),
      /entry of a format/,
    ],
    [
      'an entry whose second field is another',
      page(['5-0', fields(1, 'j', '1').with(2, 'x')]),
      /entry of a format/,
    ],
    ['an entry of an unknown kind', page(['5-0', fields(1, 'x:a', '1')]), /entry of a kind/],
    ['a flag that is none', page(['5-0', fields(1, 'j:a', '2')]), /A flag record/],
    ['a number that is none', page(['5-0', fields(1, 'c:a', 'x')]), /A number record/],
    ['a mark that is none', page(['5-0', fields(1, 's:a', 'x')]), /A mark record/],
  ])(
    'tells of %s as its trouble, and begins anew a little later',
    async (_name, answer, message) => {
      await read(answer)
      expect(delivered).toEqual([])
      expect(reader.trouble).toMatch(message)
      await timer.advance(99)
      expect(redis.count).toEqual({ opened: 1, closed: 0 })
      pages = [() => null]
      await timer.advance(1)
      expect(redis.count).toEqual({ opened: 2, closed: 1 })
      expect(reader.trouble).toBeUndefined()
    },
  )

  it('begins at the first entry again where the listener cannot take a page', async () => {
    fails = true
    await read(page(['5-0', fields(1, 'j:a:t', '1')]))
    expect(started).toBe(1)
    expect(reader.trouble).toBe('not taken')
    fails = false
    pages = [() => page(['5-0', fields(1, 'j:a:t', '1')])]
    await timer.advance(100)
    expect(delivered).toHaveLength(1)
    expect(askedAfter()).toEqual(['0-0', '0-0', '5-0'])
  })

  it('goes on after the last entry over a new connection', async () => {
    await read(page(['5-0', fields(1, 'j:a:t', '1')]))
    reader.reconnect()
    await settle()
    expect(started).toBe(0)
    expect(askedAfter()).toEqual(['0-0', '5-0', '5-0'])
    expect(redis.count).toEqual({ opened: 2, closed: 1 })
  })

  it('goes back to the first entry where it is told to', async () => {
    await read(page(['5-0', fields(1, 'j:a:t', '1')]))
    reader.restart()
    await settle()
    expect(started).toBe(1)
    expect(askedAfter()).toEqual(['0-0', '5-0', '0-0'])
  })

  it('gives up a connection on which no answer comes', async () => {
    await read()
    await timer.advance(1999)
    expect(reader.trouble).toBeUndefined()
    await timer.advance(1)
    expect(reader.trouble).toMatch(/No answer within 2000 ms/)
    await timer.advance(100)
    expect(redis.count.opened).toBe(2)
  })

  it('leaves alone an answer that comes over a connection that is gone', async () => {
    const answers: ((page: unknown) => void)[] = []
    await read(new Promise((resolve) => void answers.push(resolve)))
    redis.fire('close')
    answers[0]!(page(['5-0', fields(1, 'j:a:t', '1')]))
    await settle()
    expect(delivered).toEqual([])
    expect(reader.trouble).toMatch(/closed/)
    redis.fire('ready')
    expect(askedAfter()).toEqual(['0-0', '0-0'])
  })

  it('asks once at a time, also where an answer comes once there is a new connection', async () => {
    const answers: ((page: unknown) => void)[] = []
    await read(new Promise((resolve) => void answers.push(resolve)))
    redis.fire('close')
    redis.fire('ready')
    answers[0]!(page(['5-0', fields(1, 'j:a:t', '1')]))
    await settle()
    expect(delivered).toEqual([])
    expect(askedAfter()).toEqual(['0-0', '0-0'])
  })

  it('leaves no timer behind once it is closed, whatever comes then', async () => {
    const answers: ((page: unknown) => void)[] = []
    await read(new Promise((_resolve, reject) => void answers.push(reject)))
    reader.close()
    answers[0]!(new Error('closed'))
    await settle()
    expect(timer.pending()).toBe(0)
  })

  it('opens no further connection once it is closed', async () => {
    await read('odd')
    reader.close()
    await timer.advance(5000)
    expect(redis.count).toEqual({ opened: 1, closed: 1 })
    reader.reconnect()
    await settle()
    expect(redis.count.opened).toBe(1)
  })
})
