import { freePort } from '../../../lib/testing/free-port.js'
import { startTcpProxy } from '../../../tools/tcp-proxy.js'

/** The way from the API to Redis, which can be cut or made a black hole. */
export interface RedisLine {
  readonly url: string
  /** Connections break, and new ones break as well. */
  cut(): void
  /** Connections stay open, and nothing comes back. */
  hold(): void
  heal(): void
  close(): Promise<void>
}

export async function openLine(redisUrl: string): Promise<RedisLine> {
  const target = new URL(redisUrl)
  const nobodysPort = await freePort()
  let isCut = false
  const port = Number(target.port || 6379)
  const proxy = await startTcpProxy(() => (isCut ? nobodysPort : port), target.hostname)
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)

  function heal(): void {
    isCut = false
    proxy.release()
  }
  return {
    url: url.href,
    cut() {
      heal()
      isCut = true
      proxy.cut()
    },
    hold() {
      heal()
      proxy.hold()
    },
    heal,
    close: () => proxy.close(),
  }
}
