import type { Sender } from '../../lib/core/queue/sender.js'

/** Somebody of a network, who can hang up. */
export function senderOf(network: string, arrivedAt = 1_000_000): Sender & { gone: boolean } {
  return { network, arrivedAt, gone: false }
}
