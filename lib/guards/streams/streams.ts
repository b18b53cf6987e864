import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Timer } from '../../core/clock.js'
import { Sweeps } from './sweeps.js'
import { Stream, type LiveState } from './stream.js'
import { Wheel } from './wheel.js'

/** How often each stream is looked at, whatever was or was not told. */
const LOOK_MS = 5000
/** Streams that began together are looked at apart. */
const SPREAD = 20

/** All open streams of this process. */
export interface Streams {
  /** The same one each time for a request. */
  signalOf(req: IncomingMessage, state: LiveState): AbortSignal
  /** How many are open. */
  readonly size: number
}

export function createStreams(timer: Timer): Streams {
  const signals = new WeakMap<LiveState, AbortSignal>()
  const open = new Set<Stream>()
  const sweeps = new Sweeps()
  const wheel = new Wheel<Stream>(timer, { due: look, ticked: () => sweeps.run() })
  let begun = 0

  function look(stream: Stream): void {
    // Before it is asked, so that nothing it is asked can leave it out of the wheel.
    if (!stream.over) wheel.put(stream, Math.min(LOOK_MS, stream.millisecondsLeft()))
    stream.look()
  }

  function remove(stream: Stream): void {
    open.delete(stream)
    wheel.remove(stream)
    sweeps.remove(stream)
  }

  function begin(req: IncomingMessage, state: LiveState): AbortSignal {
    const stream = new Stream(req, state, timer, remove)
    const { signal } = stream
    if (isGone(state.res)) return signal
    // It may have expired while the handler was busy.
    stream.look(false)
    if (stream.over) return signal
    state.res.once('close', () => {
      stream.leave()
      remove(stream)
    })
    begun += 1
    open.add(stream)
    sweeps.add(stream)
    const spreadMs = LOOK_MS * (((begun % SPREAD) + 1) / SPREAD)
    wheel.put(stream, Math.min(spreadMs, stream.millisecondsLeft()))
    return signal
  }

  return {
    signalOf(req, state) {
      const known = signals.get(state)
      if (known !== undefined) return known
      const signal = begin(req, state)
      signals.set(state, signal)
      return signal
    },
    get size() {
      return open.size
    },
  }
}

/** Its `close` was told already, so nobody would tell of it again. */
function isGone(res: ServerResponse): boolean {
  return res.destroyed || res.closed || res.socket?.destroyed === true
}
