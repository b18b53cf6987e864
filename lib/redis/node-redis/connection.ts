import { isRecord } from '../../core/values.js'

export type CommandArguments = readonly unknown[]
export type Replies = [Error | null, unknown][]

/** One connection, or on a Cluster several. Once lost, it does not come back by itself. */
export interface Connection {
  send(command: string, args: CommandArguments): Promise<unknown>
  /** Over one connection, in this order. */
  pipeline(commands: readonly (readonly unknown[])[]): Promise<Replies>
  /** Gives up those of several that do not answer. */
  reset?(): void
}

export interface ConnectOptions {
  /** Ends the connection, or the attempt at one. */
  readonly signal: AbortSignal
  /** Told once there is no connection any more. */
  readonly lost: (error: unknown) => void
}

export type Connect = (options: ConnectOptions) => Promise<Connection>

/** As much of a client of node-redis as a connection needs. */
export interface PlainClient {
  readonly isOpen: boolean
  sendCommand(args: string[]): Promise<unknown>
  connect(): Promise<unknown>
  destroy(): unknown
  unref(): void
  on(event: 'connect' | 'error', listener: (error: unknown) => void): unknown
}

const CONNECT_TIMEOUT_MS = 1000

/**
 * Client options that fail fast, and let nothing change our commands or their answers. A command that
 * was sent is not sent again: the client does not reconnect, and we open another one.
 */
export function plainOptions(options: unknown): Record<string, unknown> {
  const { url: _url, keyPrefix: _prefix, ...given } = isRecord(options) ? options : {}
  return {
    ...given,
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
    socket: {
      ...(isRecord(given['socket']) ? given['socket'] : {}),
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: undefined,
      reconnectStrategy: false,
    },
  }
}

/** Opens a client that nobody else has. Its socket does not keep the process alive. */
export async function connectPlain(
  client: PlainClient,
  { signal, lost }: ConnectOptions,
): Promise<Connection> {
  let reached = false
  // Before there is a socket, node-redis 5 forgets that it was ended, and connects all the same.
  const end = (): void => {
    if (reached && client.isOpen) client.destroy()
  }
  signal.addEventListener('abort', end, { once: true })
  client.on('connect', () => {
    reached = true
    if (signal.aborted) end()
  })
  client.on('error', (error) => {
    signal.removeEventListener('abort', end)
    lost(error)
  })
  client.unref()
  await client.connect()
  signal.throwIfAborted()
  const send = (command: string, args: CommandArguments): Promise<unknown> =>
    client.sendCommand([command, ...args.map(String)]).catch(rethrow)
  return {
    send,
    pipeline: (commands) =>
      Promise.all(commands.map(([command, ...args]) => settled(send(String(command), args)))),
  }
}

/** An answer that is an error is called as in ioredis, and so told from a connection that was lost. */
function rethrow(error: unknown): never {
  if (error instanceof Error && REPLY_ERRORS.has(error.constructor.name)) error.name = 'ReplyError'
  throw error
}

const REPLY_ERRORS: ReadonlySet<string> = new Set(['ErrorReply', 'SimpleError', 'BlobError'])

function settled(answer: Promise<unknown>): Promise<[Error | null, unknown]> {
  return answer.then(
    (value) => [null, value],
    (error: unknown) => [error instanceof Error ? error : new Error(String(error)), undefined],
  )
}
