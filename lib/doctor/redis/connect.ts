import { systemTimer } from '../../core/clock.js'
import { withDeadline } from '../../core/deadline.js'
import type { ClientOpener, RedisClient } from '../../redis/source/client.js'
import { faultOf } from '../../redis/errors.js'
import { createLink } from '../../redis/asking/link.js'
import { createWaiters } from '../../redis/asking/waiters.js'

export interface Connected {
  readonly client: RedisClient
  close(): void
}

/** As long as a store has before its first answer. */
const DEADLINE_MS = 2000

/** Connects as a store does. @throws the trouble that is told last, or at once where it will not pass. */
export async function connect(opener: ClientOpener): Promise<Connected> {
  const connected = createWaiters()
  const link = createLink(opener, systemTimer, {
    up: () => connected.resolve(),
    down() {
      const { trouble } = link
      if (trouble !== undefined && faultOf(trouble).permanent) connected.reject(trouble)
    },
  })
  try {
    await withDeadline(connected.wait(), DEADLINE_MS, systemTimer)
  } catch (error) {
    const { trouble } = link
    link.close()
    throw trouble ?? error
  }
  const { client } = link
  if (client === undefined) throw link.trouble ?? new Error('the connection was closed')
  return { client, close: () => link.close() }
}
