import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { ClusterNode } from '../../../lib/redis/node-redis/cluster-node.js'
import type { ConnectOptions, Replies } from '../../../lib/redis/node-redis/connection.js'
import { settle } from '../../support/manual-timer.js'

let now = 0
let given: ConnectOptions | undefined
let lost: unknown[] = []
let answers: ((replies: Replies) => void)[] = []
const outer = new AbortController()

beforeEach(() => {
  now = 5000
  lost = []
  answers = []
  jest.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => void jest.restoreAllMocks())

function nodeOf(
  open = async (connecting: ConnectOptions): Promise<never> => {
    given = connecting
    return {
      send: () => Promise.reject(new Error('not used')),
      pipeline: () => new Promise<Replies>((resolve) => answers.push(resolve)),
    } as never
  },
): ClusterNode {
  return new ClusterNode(open, { signal: outer.signal, lost: (error) => lost.push(error) })
}

it('hands on what is asked, and its answer', async () => {
  const asked = nodeOf().pipeline([['PING']])
  await settle()
  answers[0]!([[null, 'PONG']])
  expect(await asked).toEqual([[null, 'PONG']])
})

it('is lost where it cannot be opened', async () => {
  const node = nodeOf(() => Promise.reject(new Error('refused')))
  await expect(node.pipeline([['PING']])).rejects.toThrow('refused')
  expect(lost).toEqual([new Error('refused')])
})

it.each([
  ['that was asked 1999 ms ago', 1999, true, false],
  ['that was asked 2000 ms ago', 2000, true, true],
  ['that nobody asked', 60_000, false, false],
])('%s is given up: after %d ms, asked %s, %s', async (_which, ms, isAsked, isGivenUp) => {
  const node = nodeOf()
  if (isAsked) void node.pipeline([['PING']])
  await settle()
  now += ms
  node.dropIfSilent()
  expect([lost.length === 1, given?.signal.aborted]).toEqual([isGivenUp, isGivenUp])
})

it.each([
  [1999, 0],
  [2000, 1],
])(
  'is given up where it takes the connection and does not answer to its login: after %d ms, %d',
  async (ms, times) => {
    const node = nodeOf((connecting) => {
      given = connecting
      return new Promise(() => undefined)
    })
    void node.pipeline([['PING']])
    await settle()
    now += ms
    node.dropIfSilent()
    expect([lost.length, given?.signal.aborted]).toEqual([times, times === 1])
  },
)

it('has the whole time for its first answer, however long it took to open', async () => {
  let opened: ((connection: never) => void) | undefined
  const node = nodeOf(() => new Promise((resolve) => (opened = resolve)))
  void node.pipeline([['PING']])
  now += 1900
  opened!({ pipeline: () => new Promise(() => undefined) } as never)
  await settle()
  now += 1999
  node.dropIfSilent()
  expect(lost).toEqual([])
})

it('is not given up while it answers others, however long one of them waits', async () => {
  const node = nodeOf()
  const asked = [node.pipeline([['BLPOP']]), node.pipeline([['PING']])]
  await settle()
  now += 1900
  answers[1]!([])
  await asked[1]
  now += 1999
  node.dropIfSilent()
  expect(lost).toEqual([])
  now += 1
  node.dropIfSilent()
  expect(lost).toHaveLength(1)
})
