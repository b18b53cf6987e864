import type { Recheck } from '../../http/guard/recheck.js'
import { callApp } from '../../core/app-function.js'
import type { Stream } from './stream.js'

/** Streams that are asked about in one turn of the event loop: requests get theirs in between. */
const TURN = 500

/** Streams whose denylist tells when something was revoked: all of them are asked about then. */
export class Sweeps {
  readonly #watched = new Map<Recheck, Watched>()

  add(stream: Stream): void {
    for (const recheck of stream.denylists) {
      let watched = this.#watched.get(recheck)
      if (watched === undefined) {
        watched = new Watched(recheck)
        this.#watched.set(recheck, watched)
      }
      watched.streams.add(stream)
    }
  }

  remove(stream: Stream): void {
    for (const recheck of stream.denylists) {
      const watched = this.#watched.get(recheck)
      watched?.streams.delete(stream)
      if (watched?.streams.size !== 0) continue
      this.#watched.delete(recheck)
      watched.end()
    }
  }

  /** Call it at most a few times a second: a flood of revocations must not become one of sweeps. */
  run(): void {
    for (const watched of this.#watched.values()) void watched.sweep()
  }
}

class Watched {
  readonly streams = new Set<Stream>()
  readonly #recheck: Recheck
  readonly #end: unknown
  #changed = false
  #sweeping = false

  constructor(recheck: Recheck) {
    this.#recheck = recheck
    // A store that cannot tell is asked about each stream in its turn.
    this.#end = callApp(
      (): unknown => recheck.watch?.(() => (this.#changed = true)),
      () => undefined,
    )
  }

  async sweep(): Promise<void> {
    if (!this.#changed || this.#sweeping) return
    this.#changed = false
    this.#sweeping = true
    let asked = 0
    for (const stream of this.streams) {
      // Where an answer takes a question to a server, each stream is asked about in its turn.
      if (!stream.ask(this.#recheck)) break
      asked += 1
      if (asked % TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    this.#sweeping = false
  }

  end(): void {
    const end = this.#end
    if (isFunction(end)) callApp(end, () => undefined)
  }
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === 'function'
}
