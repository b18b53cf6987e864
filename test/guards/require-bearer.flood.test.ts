import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { NOBODY } from '../../lib/core/queue/sender.js'
import { withCryptoSlot } from '../../lib/tokens/jwt/crypto-concurrency.js'
import { startApi, type TestApi } from '../../tools/api.js'
import { startIssuer, type TestIssuer } from '../../tools/issuer.js'
import { until } from '../../tools/until.js'

jest.setTimeout(30_000)

let issuer: TestIssuer
let api: TestApi

beforeEach(async () => {
  issuer = await startIssuer({ alg: 'ES512' })
  api = await startApi(issuer)
  await api.guard.ready()
})

afterEach(async () => {
  await api.close()
  await issuer.close()
})

/** Sends tokens over one connection, all at once, and reads no answer. */
async function send(tokens: readonly string[]): Promise<Socket> {
  const socket = connect(api.port, '127.0.0.1')
  await once(socket, 'connect')
  const requests = tokens.map(
    (token) => `GET /r HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  )
  await new Promise((resolve) => socket.write(requests.join(''), resolve))
  socket.on('error', () => undefined).resume()
  return socket
}

/** Plausible in all but the signature, which no other of them has. */
async function forgeries(count: number): Promise<readonly string[]> {
  const [head, payload] = (await issuer.token()).split('.')
  return Array.from({ length: count }, (_, index) => {
    const signature = Buffer.alloc(132, 1)
    signature.writeUInt32BE(index, 4)
    return `${head}.${payload}.${signature.toString('base64url')}`
  })
}

/** Leaves no thread for slow cryptography until what it returns is called. */
function occupyThreads(): () => void {
  const { privateKey: key } = generateKeyPairSync('ed25519')
  const ends: (() => void)[] = []
  for (let count = 0; count < 2; count += 1) {
    const check = (): Promise<void> => new Promise((resolve) => ends.push(resolve))
    void withCryptoSlot({ key, sender: NOBODY, check })
  }
  return () => {
    for (const end of ends) end()
  }
}

const refusals = (): readonly (string | undefined)[] =>
  api.events.flatMap((event) => (event.name === 'request.refused' ? [event.detail] : []))

describe('a flood of forged tokens of a slow algorithm', () => {
  it('is forgotten once its sender hangs up', async () => {
    const release = occupyThreads()
    const socket = await send(await forgeries(50))
    socket.destroy()
    await until(() => expect(refusals()).toHaveLength(50))
    const why = 'No thread for slow cryptography: the client has gone'
    expect(new Set(refusals())).toEqual(new Set([why]))
    release()
    expect((await api.get(await issuer.token())).status).toBe(200)
  })

  it('has a good token answered within 2.5 seconds, or told to come back', async () => {
    const tokens = await forgeries(1500)
    const sockets = await Promise.all(
      [0, 1, 2, 3].map((part) => send(tokens.filter((_, index) => index % 4 === part))),
    )
    const good = await issuer.token()
    const begunAt = performance.now()
    const { status, headers } = await api.get(good)
    expect(performance.now() - begunAt).toBeLessThan(2500)
    expect(status === 200 || (status === 503 && headers['retry-after'] === '1')).toBe(true)
    for (const socket of sockets) socket.destroy()
    await until(async () => expect((await api.get(good)).status).toBe(200))
  })
})
