import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Stands between a client and a server, and does to their bytes what networks do. */
export interface TcpProxy {
  readonly port: number
  /** Bytes are kept back, in both directions; connections stay open. */
  hold(): void
  /** What was kept back goes on its way. */
  release(): void
  /** The connections there are go dead without a sign, for good; new ones work. */
  freeze(): void
  /** Every connection breaks, now; new ones are accepted. */
  cut(): void
  /** Each chunk is delayed by so much. */
  delay(delayMs: number): void
  close(): Promise<void>
}

/** Forwards loopback connections to `targetPort`, which may change while it runs. */
export async function startTcpProxy(
  targetPort: number | (() => number),
  targetHost = '127.0.0.1',
): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const queues = new Map<() => void, { frozen: boolean }>()
  let held = false
  let delayMs = 0

  /** Bytes of one direction leave in the order in which they came, whatever delays them. */
  function forward(from: Socket, to: Socket): void {
    const queue: { readonly dueAt: number; readonly send: () => void }[] = []
    const state = { frozen: false }
    const drain = (): void => {
      for (;;) {
        const next = held || state.frozen ? undefined : queue[0]
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
    const enqueue = (send: () => void): void => {
      const dueAt = Math.max(queue.at(-1)?.dueAt ?? 0, performance.now() + delayMs)
      queue.push({ dueAt, send })
      drain()
    }
    queues.set(drain, state)
    from.on('data', (chunk) => enqueue(() => void (to.destroyed || to.write(chunk))))
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
    forward(client, target)
    forward(target, client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    hold() {
      held = true
    },
    release() {
      held = false
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
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
