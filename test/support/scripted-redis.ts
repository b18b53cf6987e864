import type { ClientOpener, RedisClient } from '../../lib/redis/source/client.js'
import { compileSettings, type Settings } from '../../lib/revocation/redis/schema/options.js'
import type { RevocationQuery } from '../../lib/revocation/store.js'
import type { ManualTimer } from './manual-timer.js'

/** In seconds: the time of the settings, which stands still. */
export const NOW = 1_000_000
export const ISSUER = 'https://id.test'

export type RedisAnswer = (command: string, args: readonly unknown[]) => unknown

/**
 * A client that answers each command as it is told to: for answers that no server gives on demand.
 * In a pipeline an error is the answer to one command.
 */
export interface ScriptedRedis extends ClientOpener {
  readonly client: RedisClient
  readonly calls: (readonly unknown[])[]
  /** How many connections were asked for, and how many were given up. */
  readonly count: { opened: number; closed: number }
  /** Fires an event of the client, such as `close`. */
  fire(event: string, ...args: unknown[]): void
}

export function scriptedRedis(answer: RedisAnswer): ScriptedRedis {
  const calls: (readonly unknown[])[] = []
  const count = { opened: 0, closed: 0 }
  let listeners: [string, (...args: unknown[]) => void][] = []
  const client: RedisClient = {
    status: 'ready',
    isCluster: false,
    options: {},
    async call(command, args) {
      calls.push([command, ...args])
      return answer(command, args)
    },
    pipeline: (commands) => ({
      exec: () =>
        Promise.all(
          commands.map(async ([command, ...args]) => {
            calls.push([command, ...args])
            const reply: unknown = await answer(String(command), args)
            return reply instanceof Error ? [reply, null] : [null, reply]
          }),
        ),
    }),
    on: (event, listener) => listeners.push([event, listener]),
    connect: async () => undefined,
    disconnect: () => void (count.closed += 1),
  }
  return {
    client,
    calls,
    count,
    async open() {
      count.opened += 1
      listeners = []
      return client
    },
    fire(event, ...args) {
      for (const [name, listener] of listeners) if (name === event) listener(...args)
    },
  }
}

/** Settings of a store over that client, by a clock that stands still. */
export function settingsOver(
  opener: ClientOpener,
  timer: ManualTimer,
  options: Omit<Parameters<typeof compileSettings>[0], 'redis'> = {},
): Settings {
  const settings = compileSettings({
    redis: 'redis://never-asked.test',
    clock: () => NOW,
    clockToleranceSeconds: 0,
    ...options,
  })
  return { ...settings, opener, timer }
}

/** Of a token that names nothing but itself, unless told otherwise. */
export function queryOf(changes: Partial<RevocationQuery> = {}): RevocationQuery {
  return {
    issuer: ISSUER,
    tokenId: 'token-1',
    sessionId: undefined,
    subject: undefined,
    clientId: undefined,
    issuedAt: NOW - 10,
    expiresAt: NOW + 100,
    version: undefined,
    ...changes,
  }
}
