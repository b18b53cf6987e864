import { systemTimer, type Timer } from '../../core/clock.js'
import { DeadlineExceeded, withDeadline } from '../../core/deadline.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { createClientOpener, type RedisSource } from '../source/client.js'
import type { ClientOpener, RedisClient } from '../opener.js'
import { faultOf } from '../errors.js'
import { holdingProcess } from './holding-process.js'
import { createLink } from './link.js'
import { runScript, type Script, type ScriptArgument } from '../scripts.js'
import { createWaiters } from './waiters.js'

export interface Asked {
  readonly script: Script
  /** All of one slot. */
  readonly keys: readonly string[]
  readonly args: readonly ScriptArgument[]
}

/** Runs scripts over a connection of its own. */
export interface Asker {
  /** Rejects within the deadline, and at once while there is no connection. */
  ask(asked: Asked): Promise<unknown>
  /** How many connections there were: another one may lead to another server. */
  readonly connections: number
  close(): void
}

/** Options of a store that runs scripts. */
export interface AskerSettings {
  readonly redis: RedisSource
  readonly name?: string | undefined
  readonly deadlineMs?: number | undefined
}

/**
 * The options, checked, and their connection, opened.
 *
 * @param fallback What keys begin with where no `name` is given.
 */
export function openAsker(
  check: OptionCheck,
  options: AskerSettings,
  fallback: string,
): { readonly name: string; readonly asker: Asker } {
  check.known(options, ['redis', 'name', 'deadlineMs'])
  const name = options.name === undefined ? fallback : check.string('name', options.name)
  const range = { fallback: 500, min: 10, max: 10_000 }
  const deadlineMs = check.number('deadlineMs', options.deadlineMs, range)
  const opener = createClientOpener(check, options.redis)
  return { name, asker: createAsker(opener, { deadlineMs, timer: systemTimer }) }
}

/** From the construction of a store on: the first request of a process is served. */
const START_DEADLINE_MS = 2000

export function createAsker(
  opener: ClientOpener,
  { deadlineMs, timer }: { readonly deadlineMs: number; readonly timer: Timer },
): Asker {
  const startedAt = timer.now()
  const connected = createWaiters()
  let connections = 0
  const link = createLink(opener, timer, {
    up() {
      connections += 1
      connected.resolve()
    },
    down() {
      const { trouble } = link
      if (trouble !== undefined && faultOf(trouble).permanent) connected.reject(trouble)
    },
  })

  async function connection(): Promise<RedisClient> {
    const left = startedAt + START_DEADLINE_MS - timer.now()
    const hopeless = link.trouble !== undefined && faultOf(link.trouble).permanent
    const mayCome = link.client === undefined && connections === 0
    if (mayCome && !hopeless && left > 0) await withDeadline(connected.wait(), left, timer)
    const { client, trouble } = link
    if (client === undefined) throw trouble ?? new Error('not connected')
    return client
  }

  async function ask({ script, keys, args }: Asked): Promise<unknown> {
    const client = await connection()
    try {
      return await withDeadline(runScript(client, script, keys, args), deadlineMs, timer)
    } catch (error) {
      // A connection that broke comes back by itself; on a Cluster, the others are still there.
      if (error instanceof DeadlineExceeded || faultOf(error).reconnect) link.reset()
      throw error
    }
  }

  return {
    ask: (asked) => holdingProcess(ask(asked)),
    get connections() {
      return connections
    },
    close: () => link.close(),
  }
}
