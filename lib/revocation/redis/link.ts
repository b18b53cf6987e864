import type { Timer } from '../../core/clock.js'
import { messageOf } from '../../core/values.js'
import type { ClientOpener, RedisClient } from './client.js'

/** One connection (or, on a Cluster, one set of them), watched. */
export interface Link {
  /** The client, once it is connected. */
  readonly client: RedisClient | undefined
  /** Why there is none. */
  readonly trouble: unknown
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
  let trouble: unknown = new Error('not connected yet')
  let connected = false
  let closed = false
  let resetAt = timer.now()

  function up(): void {
    connected = true
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
    opened.on('error', (error) => {
      trouble = error
    })
    if (opened.status === 'ready') up()
  }

  opener.open().then(
    (opened) => {
      if (closed) opened.disconnect()
      else adopt(opened)
    },
    (error: unknown) => {
      trouble = error
    },
  )

  return {
    get client() {
      return connected ? client : undefined
    },
    get trouble() {
      return trouble instanceof Error ? trouble : new Error(messageOf(trouble))
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
