import { EventEmitter } from 'node:events'
import { describe, expect, it, jest } from '@jest/globals'
import { Redis } from 'ioredis'
import {
  adoptIoredis,
  duplicateIoredis,
  FAIL_FAST,
  isIoredisClient,
  type IoredisClient,
} from '../../../lib/redis/source/ioredis.js'

/** A client of which only options and events count. */
class Scripted extends EventEmitter implements IoredisClient {
  readonly status = 'wait'
  readonly options: object
  readonly isCluster: boolean
  readonly duplicate = jest.fn<(...overrides: unknown[]) => object>()

  constructor(isCluster: boolean, options: object = {}) {
    super()
    this.isCluster = isCluster
    this.options = options
  }

  call = async (): Promise<unknown> => 'OK'
  pipeline = (): never => ({}) as never
  connect = async (): Promise<unknown> => undefined
  disconnect = (): void => undefined
}

/** Options that would change our commands or their answers. */
const APP_OPTIONS = { keyPrefix: 'x:', lazyConnect: true, readOnly: true, commandTimeout: 1 }

describe('FAIL_FAST', () => {
  it('lets no check hang, and no command be sent twice', () => {
    expect(FAIL_FAST).toEqual({
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      reconnectOnError: null,
      disableClientInfo: true,
      connectTimeout: 1000,
      disconnectTimeout: 100,
      enableReadyCheck: false,
      retryStrategy: expect.any(Function),
      clusterRetryStrategy: expect.any(Function),
      slotsRefreshTimeout: 1000,
      slotsRefreshInterval: 1000,
      retryDelayOnClusterDown: 0,
      retryDelayOnTryAgain: 10,
      maxRedirections: 5,
    })
  })
})

describe('isIoredisClient', () => {
  it('knows a client by what is needed of it', () => {
    const client = new Redis({ lazyConnect: true })
    expect([isIoredisClient(client), isIoredisClient(new Scripted(true))]).toEqual([true, true])
    client.disconnect()
  })

  it.each(['options', 'call', 'pipeline', 'on', 'connect', 'disconnect'])(
    'takes nothing for one that lacks "%s"',
    (name) => {
      const client = new Scripted(false)
      Object.defineProperty(client, name, { value: undefined })
      expect(isIoredisClient(client)).toBe(false)
    },
  )

  it.each([undefined, null, 'redis://x', () => undefined])('takes %p for none', (value) => {
    expect(isIoredisClient(value)).toBe(false)
  })
})

describe('duplicateIoredis', () => {
  const PLAIN = {
    lazyConnect: false,
    connectionName: undefined,
    enableAutoPipelining: false,
    keyPrefix: '',
    stringNumbers: false,
    readOnly: false,
    role: 'master',
    commandTimeout: undefined,
    socketTimeout: undefined,
    replyMapping: 'legacy',
  }

  it('makes a client that fails fast and sends commands as they are', () => {
    const [given, ours] = [new Scripted(false, APP_OPTIONS), new Scripted(false)]
    given.duplicate.mockReturnValue(ours)
    expect(duplicateIoredis(given)).toBe(ours)
    expect(given.duplicate.mock.calls).toEqual([[{ ...PLAIN, ...FAIL_FAST }]])
    expect(given.duplicate.mock.contexts).toEqual([given])
  })

  it('does the same for a Cluster and each of its nodes, with the credentials of the app', () => {
    const redisOptions = { ...APP_OPTIONS, password: 'p', connectTimeout: 9 }
    const given = new Scripted(true, { redisOptions })
    given.duplicate.mockReturnValue(new Scripted(true))
    duplicateIoredis(given)
    const [[nodes, options] = []] = given.duplicate.mock.calls
    expect(nodes).toEqual([])
    expect(options).toMatchObject({
      ...PLAIN,
      ...FAIL_FAST,
      scaleReads: 'master',
      redisOptions: {
        ...PLAIN,
        password: 'p',
        connectTimeout: 1000,
        enableReadyCheck: false,
        maxRetriesPerRequest: 0,
        autoResendUnfulfilledCommands: false,
        reconnectOnError: null,
        disableClientInfo: true,
      },
    })
    expect(Object.keys((options as { redisOptions: object }).redisOptions)).toHaveLength(17)
  })

  it('refuses a duplicate that is no client', () => {
    const given = new Scripted(false)
    given.duplicate.mockReturnValue({})
    expect(() => duplicateIoredis(given)).toThrow('A client of ioredis 5 or 6 is needed')
  })
})

describe('adoptIoredis', () => {
  it('has a client fail fast whose factory did not pass the options on', () => {
    const client = new Scripted(false, { password: 'p', enableOfflineQueue: true })
    expect(adoptIoredis(client)).toBe(client)
    expect(client.options).toEqual({ password: 'p', ...FAIL_FAST })
  })

  it('asks the masters of a Cluster alone: a replica may lag behind', () => {
    const client = new Scripted(true, { redisOptions: { password: 'p', connectTimeout: 9 } })
    adoptIoredis(client)
    expect(client.options).toMatchObject({
      scaleReads: 'master',
      redisOptions: { password: 'p', connectTimeout: 1000 },
    })
    const bare = new Scripted(true)
    adoptIoredis(bare)
    expect(bare.options).toMatchObject({ redisOptions: { connectTimeout: 1000 } })
  })

  it.each([
    ['connect', 'stream'],
    ['reconnecting', 'reconnectTimeout'],
  ])('keeps no process alive: at %s by its %s', (event, name) => {
    const unref = jest.fn()
    const client = Object.assign(new Scripted(false), { [name]: { unref } })
    adoptIoredis(client)
    expect(unref).not.toHaveBeenCalled()
    client.emit(event)
    expect(unref).toHaveBeenCalledTimes(1)
    Object.assign(client, { [name]: null })
    expect(() => client.emit(event)).not.toThrow()
  })

  it('keeps no process alive by a node of a Cluster, or by its subscriber', () => {
    const [stop, unref] = [jest.fn(), jest.fn()]
    const cluster = Object.assign(new Scripted(true), { subscriber: { stop } })
    adoptIoredis(cluster)
    const node = Object.assign(new Scripted(false), { stream: { unref }, subscriber: { stop } })
    cluster.emit('+node', node)
    cluster.emit('+node', 'no node')
    node.emit('connect')
    expect([unref.mock.calls.length, stop.mock.calls.length]).toEqual([1, 0])
    cluster.emit('connect')
    expect(stop).toHaveBeenCalledTimes(1)
    Object.assign(cluster, { subscriber: {} })
    expect(() => cluster.emit('connect')).not.toThrow()
  })

  it('takes nodes from a Cluster alone', () => {
    const client = new Scripted(false)
    adoptIoredis(client)
    expect(client.listenerCount('+node')).toBe(0)
  })

  it('lets no rejected ASKING end the process, which ioredis waits for no more', async () => {
    const cluster = new Scripted(true)
    adoptIoredis(cluster)
    const asking = jest.fn(async () => Promise.reject(new Error('the node is gone')))
    const node = Object.assign(new Scripted(false), { asking })
    cluster.emit('+node', node)
    expect(await (node as unknown as { asking(): Promise<unknown> }).asking()).toBeUndefined()
    expect(asking.mock.contexts).toEqual([node])
    expect(() => cluster.emit('+node', {})).not.toThrow()
  })
})
