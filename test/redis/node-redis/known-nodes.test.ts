import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { PlainClient } from '../../../lib/redis/node-redis/connection.js'
import { askInTurn, at, connectTo, mapped } from '../../../lib/redis/node-redis/known-nodes.js'

const ADDRESS = { host: 'h', port: 7 }
const never = new AbortController().signal

let created: Record<string, unknown>[]
let destroyed: number

/** Makes clients that say which server they are of; one whose options say so does not connect. */
async function create(options: Record<string, unknown>): Promise<PlainClient> {
  created.push(options)
  const { fails } = options
  const client = Object.assign(new EventEmitter(), {
    isOpen: true,
    sendCommand: async () => options['name'],
    async connect() {
      client.emit('connect')
      if (fails === 'silence') await new Promise(() => undefined)
      if (fails !== undefined) throw new Error(fails as string)
    },
    destroy: () => void (destroyed += 1),
    unref: () => undefined,
  })
  return client
}

beforeEach(() => {
  created = []
  destroyed = 0
})

describe('at', () => {
  it.each([
    [undefined, {}],
    [
      { url: 'redis://elsewhere.test', password: 'p', socket: { tls: true, host: 'x', port: 1 } },
      { password: 'p', socket: { tls: true } },
    ],
    [{ socket: 'x' }, {}],
  ])('leads the options %j to another server', (options, kept: { readonly socket?: object }) => {
    expect(at(options, ADDRESS)).toStrictEqual({ ...kept, socket: { ...kept.socket, ...ADDRESS } })
  })
})

describe('mapped', () => {
  const REAL = { host: 'real', port: 9 }

  it.each([
    ['no map', undefined, ADDRESS],
    ['a map of it', { 'h:7': REAL }, REAL],
    ['a map of others', { 'h:8': REAL }, ADDRESS],
    ['a function that knows it', (name: string) => (name === 'h:7' ? REAL : undefined), REAL],
    ['a function that knows others', () => undefined, ADDRESS],
  ])('finds where an address really is, by %s', (_name, map, expected) => {
    expect(mapped(map, ADDRESS)).toEqual(expected)
  })
})

describe('connectTo', () => {
  it('connects to that address with those options', async () => {
    const connecting = { signal: never, lost: jest.fn() }
    const connection = await connectTo(create, { name: 'n' }, ADDRESS, connecting)
    expect(await connection.send('PING', [])).toBe('n')
    expect(created).toEqual([{ name: 'n', socket: ADDRESS }])
  })
})

describe('askInTurn', () => {
  const by = { create, signal: never }
  const ask = jest.fn(async (connection: { send(c: string, a: []): Promise<unknown> }) =>
    connection.send('WHO', []),
  )

  // A deadline lets what is in the socket already be read first.
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate'] }))
  afterEach(() => {
    jest.useRealTimers()
    ask.mockClear()
  })

  it('takes the first answer, asks no more, and ends its connection', async () => {
    expect(await askInTurn([{ name: 'a' }, { name: 'b' }], ask, by)).toBe('a')
    expect(created).toEqual([{ name: 'a' }])
    expect([destroyed, jest.getTimerCount()]).toEqual([1, 0])
  })

  it('goes on to the next where one fails, also by what it says', async () => {
    const servers = [{ name: 'a', fails: 'down' }, { name: 'b' }, { name: 'c' }]
    ask.mockRejectedValueOnce(new Error('knows nobody'))
    expect(await askInTurn(servers, ask, by)).toBe('c')
    expect(destroyed).toBe(3)
  })

  it('waits half a second for one that is silent', async () => {
    const asking = askInTurn([{ name: 'a', fails: 'silence' }, { name: 'b' }], ask, by)
    await jest.advanceTimersByTimeAsync(499)
    expect(created).toHaveLength(1)
    await jest.advanceTimersByTimeAsync(1)
    expect(await asking).toBe('b')
  })

  it('fails as the last one does', async () => {
    const servers = [{ fails: 'first' }, { fails: 'last' }]
    await expect(askInTurn(servers, ask, by)).rejects.toThrow('last')
    await expect(askInTurn([], ask, by)).rejects.toThrow('There is no address to ask')
  })

  it('asks nobody for one who has gone', async () => {
    const gone = AbortSignal.abort(new Error('given up'))
    await expect(askInTurn([{ name: 'a' }], ask, { create, signal: gone })).rejects.toThrow(
      'given up',
    )
    expect(created).toEqual([])
  })
})
