import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

const TRIES = 20

/**
 * A loopback port that nobody listens on. It is drawn from below those that systems give to whoever asks
 * for any port, so that nobody is given it before we listen there, or while our server is down.
 *
 * @throws whatever `listen` reports, after 20 ports: then it is not the port that is at fault
 */
export async function freePort(): Promise<number> {
  for (let tried = 1; ; tried += 1) {
    const port = randomInt(12_000, 32_000)
    const probe = createServer().listen(port, '127.0.0.1')
    try {
      await once(probe, 'listening')
    } catch (error) {
      if (tried === TRIES) throw error
      continue
    }
    probe.close()
    await once(probe, 'close')
    return port
  }
}
