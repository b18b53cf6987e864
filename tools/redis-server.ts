import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { accessSync, constants, readFileSync, rmSync } from 'node:fs'
import { freePort } from '../lib/testing/free-port.js'

/** Where no server listens. The port beside one's own may be that of another test's Redis. */
export const DEAD_PORT = 1

/** A Redis (or Valkey) server of our own, on loopback, with its data in a folder of its own. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** SIGSTOP: the server holds its connections open and answers nothing. */
  pause(): void
  /** SIGCONT */
  resume(): void
  /** SIGKILL: data that was not persisted is lost. */
  kill(): Promise<void>
  /** Starts again on the same port and folder. */
  restart(): Promise<void>
  /** Ends the server and removes its folder. */
  stop(): Promise<void>
}

/** The first of redis-server and valkey-server on PATH. */
export function findRedisBinary(): string | undefined {
  return findBinary('redis-server') ?? findBinary('valkey-server')
}

export function findBinary(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}

/**
 * Starts a server without persistence on a free port, and resolves once it answers. `settings` are
 * further arguments, like `['--appendonly', 'yes']`; `environment` is added to ours.
 *
 * @throws Error where no binary is found: `findRedisBinary()` tells beforehand.
 */
export async function startRedis(
  settings: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<RedisServer> {
  const binary = findRedisBinary()
  if (binary === undefined) throw new Error('Neither redis-server nor valkey-server is on PATH')
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'ers-redis-'))
  const bind = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder]
  const volatile = ['--save', '', '--appendonly', 'no']
  let server: ChildProcess | undefined

  async function start(): Promise<void> {
    server = spawn(binary!, [...bind, ...volatile, ...settings], {
      stdio: 'ignore',
      env: { ...process.env, ...environment },
    })
    const ended = once(server, 'exit').then(() => {
      throw new Error(`The Redis server on port ${port} has ended. Was the port taken meanwhile?`)
    })
    // After the start it may end as it likes.
    ended.catch(() => undefined)
    await Promise.race([answering(port), ended])
  }

  async function kill(): Promise<void> {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
  }

  // From the first moment: a process that ends while the server starts must not leave it behind.
  const endWithUs = (): void => {
    server?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', endWithUs)
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pause: () => {
      server?.kill('SIGSTOP')
      awaitStop(server?.pid)
    },
    resume: () => void server?.kill('SIGCONT'),
    kill,
    restart: async () => {
      await kill()
      await start()
    },
    stop: async () => {
      await kill()
      process.removeListener('exit', endWithUs)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** On a busy machine, a process that was told to stop runs on for a while. Linux tells when it has stopped. */
function awaitStop(pid: number | undefined): void {
  const deadline = performance.now() + 1000
  while (performance.now() < deadline) {
    try {
      if (/\) [TZ] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return
    } catch {
      return
    }
  }
}

/** Asks PING over and over until PONG comes, for 10 seconds. */
async function answering(port: number): Promise<void> {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    if (await ping(port)) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`The Redis server on port ${port} did not answer within 10 s`)
}

function ping(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString().startsWith('+PONG'))
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}
