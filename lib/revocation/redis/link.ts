import type { Timer } from '../../core/clock.js'
import { messageOf } from '../../core/values.js'
import type { ClientOpener, RedisClient } from './client.js'

/** One connection (or, on a Cluster, one set of them), watched. */
export interface Link {
  /** The client, once it is connected. */
  readonly client: RedisClient | undefined
  /** Why there is none. */
  readonly trouble: Error
  /**
   * Gives up a connection that does not answer: a paused or vanished server keeps it open for ever.
   * At most once a second, so that a new connection has time to come up.
   */
  reset(): void
  close(): void
}

export interface LinkListener {
  up(): void
  down(): void
}

const RESET_INTERVAL_MS = 1000

export function createLink(opener: ClientOpener, timer: Timer, listener: LinkListener): Link {
  let client: RedisClient | undefined
  let trouble: Error | undefined
  let connected = false
  let closed = false
  let resetAt = timer.now()

  function noteTrouble(error: unknown): void {
    trouble = error instanceof Error ? error : new Error(messageOf(error))
  }

  function up(): void {
    connected = true
    trouble = undefined
    resetAt = timer.now()
    listener.up()
  }

  function down(): void {
    if (!connected) return
    connected = false
    resetAt = timer.now()
    listener.down()
  }

  function adopt(opened: RedisClient): void {
    client = opened
    opened.on('ready', up)
    opened.on('close', down)
    opened.on('end', down)
    opened.on('error', noteTrouble)
    if (opened.status === 'ready') up()
  }

  opener.open().then((opened) => {
    if (closed) opened.disconnect()
    else adopt(opened)
  }, noteTrouble)

  return {
    get client() {
      return connected ? client : undefined
    },
    get trouble() {
      return trouble ?? new Error('not connected')
    },
    reset() {
      // A Cluster finds the way round a dead node by itself, and faster.
      if (client === undefined || client.isCluster || closed) return
      if (timer.now() - resetAt < RESET_INTERVAL_MS) return
      resetAt = timer.now()
      if (client.status === 'ready' || client.status === 'connect') client.disconnect(true)
    },
    close() {
      closed = true
      connected = false
      client?.disconnect()
    },
  }
}
