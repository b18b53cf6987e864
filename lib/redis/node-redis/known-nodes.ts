import { systemTimer } from '../../core/clock.js'
import { withDeadline } from '../../core/deadline.js'
import { isRecord } from '../../core/values.js'
import {
  connectPlain,
  type Connection,
  type ConnectOptions,
  type PlainClient,
} from './connection.js'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Where the addresses that servers know each other by are really found. */
export type AddressMap =
  Readonly<Record<string, Address>> | ((address: string) => Address | undefined)

export type CreatePlain = (options: Record<string, unknown>) => Promise<PlainClient>

/** A paused one takes connections and answers nothing. */
export const ANSWER_MS = 500

/**
 * Asks one server after another, over a connection for each, until one answers.
 *
 * @throws the error of the last one where none does.
 */
export async function askInTurn<T>(
  servers: readonly Record<string, unknown>[],
  ask: (connection: Connection, server: Record<string, unknown>) => Promise<T>,
  { create, signal }: { readonly create: CreatePlain; readonly signal: AbortSignal },
): Promise<T> {
  let failure: unknown = new Error('There is no address to ask')
  for (const server of servers) {
    signal.throwIfAborted()
    const asked = new AbortController()
    const answer = create(server)
      .then((client) => connectPlain(client, { signal: asked.signal, lost: () => undefined }))
      .then((connection) => ask(connection, server))
    try {
      return await withDeadline(answer, ANSWER_MS, systemTimer)
    } catch (error) {
      failure = error
    } finally {
      asked.abort()
    }
  }
  throw failure
}

export async function connectTo(
  create: CreatePlain,
  options: unknown,
  address: Address,
  connecting: ConnectOptions,
): Promise<Connection> {
  return connectPlain(await create(at(options, address)), connecting)
}

/** The client options, for another server. */
export function at(options: unknown, { host, port }: Address): Record<string, unknown> {
  const { url: _url, ...given } = isRecord(options) ? options : {}
  const socket = isRecord(given['socket']) ? given['socket'] : {}
  return { ...given, socket: { ...socket, host, port } }
}

export function mapped(map: AddressMap | undefined, address: Address): Address {
  const name = `${address.host}:${address.port}`
  return (typeof map === 'function' ? map(name) : map?.[name]) ?? address
}
