import { systemTimer } from '../../core/clock.js'
import type { Connection, ConnectOptions, Replies } from './connection.js'

/** Longer than a busy process takes to read an answer that has come. */
const SILENT_MS = 2000

/** One node of a Cluster, and whether it still answers. It is opened at once. */
export class ClusterNode {
  readonly #ending = new AbortController()
  readonly #opened: Promise<Connection>
  readonly #lost: (error: unknown) => void
  #waiting = 0
  /** When it answered last, was opened, or was asked first. */
  #heardAt = 0

  constructor(
    open: (connecting: ConnectOptions) => Promise<Connection>,
    { signal, lost }: ConnectOptions,
  ) {
    this.#lost = lost
    this.#opened = open({ signal: AbortSignal.any([signal, this.#ending.signal]), lost })
    this.#opened.then(() => this.#heard(), lost)
  }

  async pipeline(commands: readonly (readonly unknown[])[]): Promise<Replies> {
    if (this.#waiting === 0) this.#heard()
    this.#waiting += 1
    try {
      // Also this may take for ever: a paused node takes the connection, and does not answer to the password.
      const connection = await this.#opened
      return await connection.pipeline(commands)
    } finally {
      this.#waiting -= 1
      this.#heard()
    }
  }

  #heard(): void {
    this.#heardAt = systemTimer.now()
  }

  /** Gives it up if it answers nobody. On a busy machine, one answer may only be late. */
  dropIfSilent(): void {
    if (this.#waiting === 0 || systemTimer.now() - this.#heardAt < SILENT_MS) return
    this.#ending.abort()
    this.#lost(new Error('the node does not answer'))
  }
}
