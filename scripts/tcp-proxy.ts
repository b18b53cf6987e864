import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Stands between a client and a server, and does to their bytes what networks do. */
export interface TcpProxy {
  readonly port: number
  /** Bytes are kept back, in both directions; connections stay open. */
  hold(): void
  /** What was kept back goes on its way. */
  release(): void
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
  const waiting: (() => void)[] = []
  let held = false
  let delayMs = 0

  function forward(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      const send = (): void => {
        if (!to.destroyed) to.write(chunk)
      }
      if (held) waiting.push(send)
      else if (delayMs > 0) setTimeout(send, delayMs)
      else send()
    })
    from.on('close', () => {
      sockets.delete(from)
      // A held connection looks alive from the other side, whatever became of it.
      if (held) waiting.push(() => to.destroy())
      else to.destroy()
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
      for (const send of waiting.splice(0)) send()
    },
    cut() {
      waiting.length = 0
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
