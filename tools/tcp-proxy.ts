import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

const DRIP_BYTES = 16

/** Stands between a client and a server, and does to their bytes what networks do. */
export interface TcpProxy {
  readonly port: number
  /** Bytes are kept back; connections stay open. @default 'both' */
  hold(which?: 'requests' | 'answers' | 'both'): void
  /** Bytes that were kept back go on their way. */
  release(): void
  /** The connections there are go dead without a sign, for good; new ones work. */
  freeze(): void
  /** Every connection breaks, now; new ones are accepted. */
  cut(): void
  /** Each chunk is delayed by so much. */
  delay(delayMs: number): void
  /** Only so many bytes a second go through in each direction of a connection; 0 for all. */
  drip(bytesPerSecond: number): void
  /** Each connection there is breaks in the middle of the next answer. */
  cutNextAnswers(): void
  close(): Promise<void>
}

/** Forwards loopback connections to `targetPort`, which may change while it runs. */
export async function startTcpProxy(
  targetPort: number | (() => number),
  targetHost = '127.0.0.1',
): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const queues = new Map<() => void, { frozen: boolean }>()
  const held = { requests: false, answers: false }
  let delayMs = 0
  let bytesPerSecond = 0
  const answering = new Set<Socket>()
  let toCut = new Set<Socket>()

  /** Bytes of one direction leave in the order in which they came, whatever delays them. */
  function forward(from: Socket, to: Socket, direction: 'requests' | 'answers'): void {
    const queue: { readonly dueAt: number; readonly send: () => void }[] = []
    const state = { frozen: false }
    let lastDueAt = 0
    const drain = (): void => {
      for (;;) {
        const next = held[direction] || state.frozen ? undefined : queue[0]
        if (next === undefined) return
        const waitMs = next.dueAt - performance.now()
        if (waitMs > 0) {
          setTimeout(drain, waitMs)
          return
        }
        queue.shift()
        next.send()
      }
    }
    const enqueue = (send: () => void, afterMs = 0): void => {
      lastDueAt = Math.max(lastDueAt + afterMs, performance.now() + delayMs)
      queue.push({ dueAt: lastDueAt, send })
      drain()
    }
    queues.set(drain, state)
    const send = (chunk: Buffer): void => void (to.destroyed || to.write(chunk))
    from.on('data', (chunk: Buffer) => {
      if (direction === 'answers' && toCut.delete(from)) {
        to.end(chunk.subarray(0, chunk.length / 2))
        from.destroy()
      } else if (bytesPerSecond === 0) {
        enqueue(() => send(chunk))
      } else {
        for (let at = 0; at < chunk.length; at += DRIP_BYTES) {
          const drop = chunk.subarray(at, at + DRIP_BYTES)
          enqueue(() => send(drop), (drop.length / bytesPerSecond) * 1000)
        }
      }
    })
    from.on('close', () => {
      sockets.delete(from)
      // While bytes are held the other side cannot know that this one is gone.
      enqueue(() => to.destroy())
    })
    to.on('close', () => {
      queue.length = 0
      queues.delete(drain)
    })
    from.on('error', () => undefined)
  }

  const server = createServer((client) => {
    const port = typeof targetPort === 'number' ? targetPort : targetPort()
    const target = connect(port, targetHost)
    sockets.add(client).add(target)
    forward(client, target, 'requests')
    forward(target, client, 'answers')
    answering.add(target)
    target.on('close', () => answering.delete(target))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    hold(which = 'both') {
      held.requests ||= which !== 'answers'
      held.answers ||= which !== 'requests'
    },
    release() {
      held.requests = false
      held.answers = false
      for (const drain of queues.keys()) drain()
    },
    freeze() {
      for (const state of queues.values()) state.frozen = true
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    delay(ms) {
      delayMs = ms
    },
    drip(bytes) {
      bytesPerSecond = bytes
    },
    cutNextAnswers() {
      toCut = new Set(answering)
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
