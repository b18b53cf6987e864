import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Connection, PlainClient } from '../../../lib/redis/node-redis/connection.js'
import { connectBySentinel, type SentinelOptions } from '../../../lib/redis/node-redis/sentinel.js'

const MASTER = { host: 'master', port: 1 }
const SENTINELS = [
  { host: 's1', port: 2 },
  { host: 's2', port: 3 },
]

/** Servers that a client was made for, and what was sent to them. */
let made: { readonly options: Record<string, unknown>; readonly sent: string[][] }[]
/** What each Sentinel answers. */
let replies: unknown[]

async function create(options: Record<string, unknown>): Promise<PlainClient> {
  const sent: string[][] = []
  made.push({ options, sent })
  return Object.assign(new EventEmitter(), {
    isOpen: true,
    async sendCommand(args: string[]) {
      sent.push(args)
      return replies.shift()
    },
    connect: async () => undefined,
    destroy: () => undefined,
    unref: () => undefined,
  })
}

function connect(options: Partial<SentinelOptions> = {}): Promise<Connection> {
  const all = { name: 'mymaster', sentinelRootNodes: SENTINELS, ...options }
  const signal = new AbortController().signal
  return connectBySentinel(all, create)({ signal, lost: () => undefined })
}

const places = (): readonly unknown[] => made.map(({ options }) => options['socket'])

beforeEach(() => {
  made = []
  replies = [['master', '1'], 'answer of the master']
})

describe('connectBySentinel', () => {
  it('asks a Sentinel for the master, and connects to that', async () => {
    const connection = await connect()
    expect(await connection.send('GET', ['k'])).toBe('answer of the master')
    expect(made.map(({ sent }) => sent)).toEqual([
      [['SENTINEL', 'get-master-addr-by-name', 'mymaster']],
      [['GET', 'k']],
    ])
    expect(places()).toEqual([SENTINELS[0], MASTER])
  })

  it('asks the next Sentinel where one knows no such master', async () => {
    replies.unshift(null)
    await connect()
    expect(places()).toEqual([...SENTINELS, MASTER])
  })

  it('names the master that none of them knows', async () => {
    replies = [null, null]
    await expect(connect()).rejects.toThrow('A Sentinel knows no master "mymaster"')
  })

  it('shows each its own password', async () => {
    const options = {
      sentinelClientOptions: { password: 'of Sentinel' },
      nodeClientOptions: { password: 'of Redis' },
    }
    await connect(options)
    expect(made.map(({ options: { password } }) => password)).toEqual(['of Sentinel', 'of Redis'])
  })

  it('finds both where the app says that they really are', async () => {
    const real = { host: 'real', port: 9 }
    await connect({ nodeAddressMap: { 's1:2': { ...real, port: 8 }, 'master:1': real } })
    expect(places()).toEqual([{ ...real, port: 8 }, real])
  })
})
