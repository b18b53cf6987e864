import { randomInt } from 'node:crypto'

/** As much of a client as is used here: an ioredis client is one, and others are made to look like one. */
export interface RedisClient {
  readonly status: string
  readonly isCluster: boolean
  readonly options: object
  call(command: string, args: readonly (string | Buffer | number)[]): Promise<unknown>
  pipeline(commands: unknown[][]): { exec(): Promise<[Error | null, unknown][] | null> }
  on(event: string, listener: (...args: unknown[]) => void): unknown
  connect(): Promise<unknown>
  disconnect(reconnect?: boolean): void
}

/** Opens connections that nobody else uses: a blocking command of the application would stall checks. */
export interface ClientOpener {
  /** @throws RedisSourceError where that cannot come to be by itself. */
  open(): Promise<RedisClient>
}

/** There is no client to be had until the options or the installation are mended. */
export class RedisSourceError extends Error {
  override readonly name = 'RedisSourceError'
}

const RETRY_MAX_MS = 500

/** Jitter keeps a fleet from reconnecting in step. */
export function retryDelayMs(attempt: number): number {
  const most = Math.min(50 * attempt, RETRY_MAX_MS)
  return randomInt(Math.ceil(most / 2), most + 1)
}
