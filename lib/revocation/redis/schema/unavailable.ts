import { randomInt } from 'node:crypto'
import { RevocationUnavailable } from '../../store.js'
import { withoutCommands } from '../../../redis/safe-errors.js'

const MAX_RETRY_AFTER_SECONDS = 3

/** Clients that were refused together should not come back together. */
export function unavailable(message: string, cause?: unknown): RevocationUnavailable {
  const retryAfterSeconds = randomInt(1, MAX_RETRY_AFTER_SECONDS + 1)
  return new RevocationUnavailable(message, { cause: withoutCommands(cause), retryAfterSeconds })
}
