import { EventEmitter } from 'node:events'
import { describe, expect, it, jest } from '@jest/globals'
import {
  connectPlain,
  plainOptions,
  type ConnectOptions,
  type PlainClient,
} from '../../../lib/redis/node-redis/connection.js'

/** A client of node-redis that does as it is told. */
class ScriptedClient extends EventEmitter implements PlainClient {
  isOpen = false
  readonly sent: (readonly string[])[] = []
  readonly destroy = jest.fn(() => void (this.isOpen = false))
  readonly unref = jest.fn()
  connecting: Promise<unknown> = Promise.resolve()
  answer: (command: string) => unknown = () => 'OK'

  async sendCommand(args: string[]): Promise<unknown> {
    this.sent.push(args)
    return this.answer(args[0]!)
  }

  async connect(): Promise<unknown> {
    this.isOpen = true
    this.emit('connect')
    return this.connecting
  }
}

const never: ConnectOptions = { signal: new AbortController().signal, lost: () => undefined }

class ErrorReply extends Error {}
class SimpleError extends Error {}
class BlobError extends Error {}
class SocketClosed extends Error {}

describe('plainOptions', () => {
  const FORCED = {
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    clientSideCache: undefined,
    emitInvalidate: undefined,
    pingInterval: undefined,
    commandsQueueMaxLength: undefined,
    readonly: false,
    commandOptions: { timeout: undefined },
  }
  const SOCKET = { connectTimeout: 1000, socketTimeout: undefined, reconnectStrategy: false }

  it.each([undefined, null, 'x', {}, { socket: 'x' }])(
    'fails fast, and changes no command: of %j',
    (options) => {
      expect(plainOptions(options)).toEqual({ ...FORCED, socket: SOCKET })
    },
  )

  it('keeps where the server is and who we are, and nothing that would change our commands', () => {
    const given = {
      url: 'redis://elsewhere.test',
      keyPrefix: 'x:',
      username: 'u',
      password: 'p',
      database: 3,
      RESP: 3,
      readonly: true,
      disableOfflineQueue: false,
      socket: { host: 'h', port: 1, tls: true, connectTimeout: 9, reconnectStrategy: () => 1 },
    }
    expect(plainOptions(given)).toStrictEqual({
      username: 'u',
      password: 'p',
      database: 3,
      ...FORCED,
      socket: { host: 'h', port: 1, tls: true, ...SOCKET },
    })
  })
})

describe('connectPlain', () => {
  it('keeps no process alive, and sends what it is given as text', async () => {
    const client = new ScriptedClient()
    const connection = await connectPlain(client, never)
    expect(client.unref).toHaveBeenCalledTimes(1)
    expect(await connection.send('GET', ['k', 7])).toBe('OK')
    expect(client.sent).toEqual([['GET', 'k', '7']])
  })

  it.each([
    [new ErrorReply('WRONGTYPE'), 'ReplyError'],
    [new SimpleError('WRONGTYPE'), 'ReplyError'],
    [new BlobError('WRONGTYPE'), 'ReplyError'],
    [new SocketClosed('closed'), 'Error'],
    ['closed', undefined],
  ])('tells an error of Redis from a lost connection: %p', async (error, name) => {
    const client = new ScriptedClient()
    const connection = await connectPlain(client, never)
    client.answer = jest.fn<() => Promise<unknown>>().mockRejectedValue(error)
    await expect(connection.send('GET', ['k'])).rejects.toBe(error)
    expect((error as Partial<Error>).name).toBe(name)
  })

  it('answers each command of a pipeline, also where some fail', async () => {
    const client = new ScriptedClient()
    const connection = await connectPlain(client, never)
    const error = new ErrorReply('ERR')
    client.answer = (command) => {
      if (command === 'BAD') throw error
      return command === 'ODD' ? Promise.reject('odd') : 'OK'
    }
    expect(await connection.pipeline([['GET', 'k'], ['BAD'], ['ODD']])).toEqual([
      [null, 'OK'],
      [error, undefined],
      [new Error('odd'), undefined],
    ])
    expect(client.sent).toEqual([['GET', 'k'], ['BAD'], ['ODD']])
  })

  it('tells once that the connection is lost', async () => {
    const client = new ScriptedClient()
    const lost = jest.fn()
    const ending = new AbortController()
    await connectPlain(client, { signal: ending.signal, lost })
    const error = new Error('closed')
    client.emit('error', error)
    expect(lost.mock.calls).toEqual([[error]])
    ending.abort()
    expect(client.destroy).not.toHaveBeenCalled()
  })

  it('ends with its signal, once', async () => {
    const client = new ScriptedClient()
    const ending = new AbortController()
    await connectPlain(client, { ...never, signal: ending.signal })
    ending.abort()
    expect(client.destroy).toHaveBeenCalledTimes(1)
    const closed = new ScriptedClient()
    const other = new AbortController()
    await connectPlain(closed, { ...never, signal: other.signal })
    closed.isOpen = false
    other.abort()
    expect(closed.destroy).not.toHaveBeenCalled()
  })

  it('ends an attempt that its signal has overtaken, as soon as there is a socket', async () => {
    const client = new ScriptedClient()
    const ending = new AbortController()
    ending.abort(new Error('given up'))
    const connecting = connectPlain(client, { ...never, signal: ending.signal })
    await expect(connecting).rejects.toThrow('given up')
    expect(client.destroy).toHaveBeenCalledTimes(1)
  })

  it('destroys nothing before there is a socket: node-redis 5 would connect all the same', async () => {
    const client = new ScriptedClient()
    const ending = new AbortController()
    client.connect = () => new Promise(() => undefined)
    void connectPlain(client, { ...never, signal: ending.signal })
    client.isOpen = true
    ending.abort()
    expect(client.destroy).not.toHaveBeenCalled()
    client.emit('connect')
    expect(client.destroy).toHaveBeenCalledTimes(1)
  })

  it('fails as the client does', async () => {
    const client = new ScriptedClient()
    client.connecting = Promise.reject(new Error('ECONNREFUSED'))
    await expect(connectPlain(client, never)).rejects.toThrow('ECONNREFUSED')
  })
})
