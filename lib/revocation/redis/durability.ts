/** The copies that a revocation needs before it counts as stored. */
export interface Durability {
  /** Sent right behind each revocation, on its connection; empty where nothing is asked for. */
  readonly commands: readonly unknown[][]
  /** What is missing, by the answer to them. */
  shortfall(reply: unknown): string | undefined
}

export interface DurabilityOptions {
  readonly minReplicas: number
  readonly fsync: boolean
  readonly revokeDeadlineMs: number
}

/** Of the deadline: the answer must still get here in time. */
const WAITING_SHARE = 0.8

export function createDurability(options: DurabilityOptions): Durability {
  const { minReplicas, fsync } = options
  const waitMs = Math.ceil(options.revokeDeadlineMs * WAITING_SHARE)
  if (fsync) {
    return {
      // By `call`, because not every ioredis 5 knows the command.
      commands: [['call', 'waitaof', 1, minReplicas, waitMs]],
      shortfall(reply) {
        const counts: readonly unknown[] = Array.isArray(reply) ? reply : []
        const [local, replicas] = counts
        if (!(Number(local) >= 1)) {
          return `it was not on disk within ${waitMs} ms. Set appendfsync to always, or to everysec with a "revokeDeadlineMs" of some seconds`
        }
        return missingReplicas(replicas, 'on disk')
      },
    }
  }
  return {
    commands: minReplicas > 0 ? [['wait', minReplicas, waitMs]] : [],
    shortfall: (reply) => missingReplicas(reply, 'in memory'),
  }

  function missingReplicas(count: unknown, where: string): string | undefined {
    if (minReplicas === 0 || Number(count) >= minReplicas) return undefined
    return `${String(count)} of ${minReplicas} replicas have it ${where}`
  }
}
