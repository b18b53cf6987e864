import { EventEmitter } from 'node:events'
import type { Timer } from '../../core/clock.js'
import { withDeadline } from '../../core/deadline.js'
import { retryDelayMs, type RedisClient } from '../opener.js'
import type { CommandArguments, Connect, Connection, Replies } from './connection.js'

/** Sentinels, nodes and passwords included. */
const CONNECT_DEADLINE_MS = 3000

/**
 * Looks like a client of ioredis with our fail-fast options, over connections that do not come back by
 * themselves: a command is answered over the connection it was sent on, or fails with it.
 */
export class ReconnectingClient extends EventEmitter implements RedisClient {
  readonly isCluster = false
  readonly options = {}
  status: 'connect' | 'ready' | 'reconnecting' | 'end' = 'reconnecting'
  readonly #connect: Connect
  readonly #timer: Timer
  #connection: Connection | undefined
  /** Ends the connection, or the attempt at one. */
  #ending = new AbortController()
  #attempts = 0
  #cancelRetry: (() => void) | undefined

  constructor(connect: Connect, timer: Timer) {
    super()
    this.#connect = connect
    this.#timer = timer
    this.#open()
  }

  call(command: string, args: CommandArguments): Promise<unknown> {
    return this.#connection?.send(command, args) ?? Promise.reject(notConnected())
  }

  pipeline(commands: unknown[][]): { exec(): Promise<Replies> } {
    return {
      exec: () => this.#connection?.pipeline(commands) ?? Promise.reject(notConnected()),
    }
  }

  async connect(): Promise<void> {
    // It does so from the start.
  }

  disconnect(reconnect = false): void {
    if (this.status === 'end') return
    if (reconnect && this.#connection?.reset !== undefined) {
      this.#connection.reset()
      return
    }
    this.#give()
    if (reconnect) this.#retry()
    else this.status = 'end'
  }

  #open(): void {
    const ending = new AbortController()
    this.#ending = ending
    this.status = 'connect'
    this.#attempts += 1
    const lost = (error: unknown): void => this.#lost(ending, error)
    const opened = this.#connect({ signal: ending.signal, lost })
    withDeadline(opened, CONNECT_DEADLINE_MS, this.#timer).then((connection) => {
      if (this.#ending !== ending || ending.signal.aborted) return
      this.#connection = connection
      this.#attempts = 0
      this.status = 'ready'
      this.emit('ready')
    }, lost)
  }

  #lost(ending: AbortController, error: unknown): void {
    if (this.#ending !== ending || ending.signal.aborted) return
    this.status = 'reconnecting'
    this.emit('error', error)
    // The listener may have ended it.
    if (this.#ending.signal.aborted) return
    this.#give()
    this.#retry()
  }

  #give(): void {
    this.#cancelRetry?.()
    const had = this.#connection !== undefined
    this.#connection = undefined
    this.#ending.abort()
    if (had) this.emit('close')
  }

  #retry(): void {
    this.status = 'reconnecting'
    this.#cancelRetry = this.#timer.after(retryDelayMs(this.#attempts), () => this.#open())
  }
}

function notConnected(): Error {
  return new Error('not connected')
}
