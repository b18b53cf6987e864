import { once } from 'node:events'
import { createServer, Server } from 'node:net'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { freePort } from '../../lib/testing/free-port.js'

afterEach(() => void jest.restoreAllMocks())

describe('freePort', () => {
  it('is a port to listen on, below those that systems give away', async () => {
    const port = await freePort()
    expect(port).toBeGreaterThanOrEqual(12_000)
    expect(port).toBeLessThan(32_000)
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    server.close()
  })

  it('passes over a port that is taken', async () => {
    const listen = jest.spyOn(Server.prototype, 'listen').mockImplementationOnce(failing)
    await expect(freePort()).resolves.toBeGreaterThan(0)
    expect(listen).toHaveBeenCalledTimes(2)
  })

  it('gives up after 20 ports, and says why', async () => {
    const listen = jest.spyOn(Server.prototype, 'listen').mockImplementation(failing)
    await expect(freePort()).rejects.toThrow('listen EPERM')
    expect(listen).toHaveBeenCalledTimes(20)
  })
})

function failing(this: Server): Server {
  setImmediate(() => this.emit('error', new Error('listen EPERM')))
  return this
}
