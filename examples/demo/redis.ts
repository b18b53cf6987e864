import { once } from 'node:events'
import { connect } from 'node:net'
import { findRedisBinary, startRedis } from '../../tools/redis-server.js'
import { startTcpProxy } from '../../tools/tcp-proxy.js'

/** The Redis server behind the denylist of the demo, with what may be done to it. */
export interface DemoRedis {
  readonly url: string
  readonly description: string
  /** Lets it hang: connections stay open and nothing is answered. */
  pause(): void
  resume(): void
  /** Kills it and starts it again without its data; only where it is ours to kill. */
  readonly loseEverything: (() => Promise<void>) | undefined
  close(): Promise<void>
}

/** The demo is not started as it should be: its message says what to do, and a stack says no more. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart'
}

/** The server at `REDIS_URL`, else one of our own, else none. */
export async function openRedis(): Promise<DemoRedis | undefined> {
  const url = process.env['REDIS_URL']
  if (url !== undefined && url !== '') return behindProxy(new URL(url))
  return findRedisBinary() === undefined ? undefined : ownServer()
}

/** A server that others may be using is never paused itself, only our way to it. */
async function behindProxy(url: URL): Promise<DemoRedis> {
  if (url.protocol !== 'redis:') {
    throw new CannotStart(
      `The demo reaches redis:// servers only, and REDIS_URL is ${url.protocol}//`,
    )
  }
  const port = Number(url.port || 6379)
  await assertListening(port, url.hostname)
  const proxy = await startTcpProxy(port, url.hostname)
  const proxied = new URL(url)
  proxied.hostname = '127.0.0.1'
  proxied.port = String(proxy.port)
  return {
    url: proxied.href,
    description: `the server at REDIS_URL (${url.host})`,
    pause: () => proxy.hold(),
    resume: () => proxy.release(),
    loseEverything: undefined,
    close: () => proxy.close(),
  }
}

async function assertListening(port: number, host: string): Promise<void> {
  const socket = connect(port, host)
  try {
    await once(socket, 'connect')
  } catch (cause) {
    throw new CannotStart('Nothing answers at REDIS_URL. Start a server there, or unset it', {
      cause,
    })
  } finally {
    socket.destroy()
  }
}

async function ownServer(): Promise<DemoRedis> {
  const server = await startRedis()
  return {
    url: server.url,
    description: `a Redis server of its own, port ${server.port}`,
    pause: () => server.pause(),
    resume: () => server.resume(),
    loseEverything: () => server.restart(),
    close: () => server.stop(),
  }
}
