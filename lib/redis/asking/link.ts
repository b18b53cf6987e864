import type { Timer } from '../../core/clock.js'
import { messageOf } from '../../core/values.js'
import type { ClientOpener, RedisClient } from '../opener.js'

/** One connection (or, on a Cluster, one set of them), watched. */
export interface Link {
  /** The client, once it is connected. */
  readonly client: RedisClient | undefined
  /** Why there is none; undefined while the first connection is under way. */
  readonly trouble: Error | undefined
  /**
   * Gives up a connection that does not answer: a paused or vanished server keeps it open for ever.
   * At most once a second, so that a new connection has time to come up.
   */
  reset(): void
  close(): void
}

export interface LinkListener {
  up(): void
  /** The connection is gone, or another attempt at one has failed. */
  down(): void
}

const RESET_INTERVAL_MS = 1000
const REOPEN_MS = 1000

export function createLink(opener: ClientOpener, timer: Timer, listener: LinkListener): Link {
  let client: RedisClient | undefined
  let trouble: Error | undefined
  let connected = false
  let closed = false
  let resetAt = timer.now()
  let cancelReopening: (() => void) | undefined

  function noteTrouble(error: unknown): void {
    if (closed) return
    trouble = error instanceof Error ? error : new Error(messageOf(error))
    if (!connected) listener.down()
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
    trouble ??= new Error('the connection was closed')
    resetAt = timer.now()
    listener.down()
  }

  function open(): void {
    opener.open().then(adopt, (error: unknown) => {
      noteTrouble(error)
      reopenLater()
    })
  }

  function adopt(opened: RedisClient): void {
    if (closed) {
      opened.disconnect()
      return
    }
    client = opened
    opened.on('ready', up)
    opened.on('close', down)
    opened.on('end', ended)
    opened.on('error', noteTrouble)
    if (opened.status === 'ready') up()
    // Made with lazyConnect. Why it cannot connect is told by an event.
    if (opened.status === 'wait') opened.connect().catch(() => undefined)
  }

  /** It does not try any more: somebody else has closed it, or a strategy of its own gave up. */
  function ended(): void {
    if (closed) return
    down()
    client = undefined
    noteTrouble(trouble ?? new Error('the client was closed'))
    reopenLater()
  }

  function reopenLater(): void {
    if (!closed) cancelReopening = timer.after(REOPEN_MS, open)
  }

  open()

  return {
    get client() {
      return connected ? client : undefined
    },
    get trouble() {
      return trouble
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
      cancelReopening?.()
      client?.disconnect()
    },
  }
}
