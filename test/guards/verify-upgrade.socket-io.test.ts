import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Server } from 'socket.io'
import { WebSocket } from 'ws'
import {
  authSignal,
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  verifyUpgrade,
  type Auth,
  type RevocationStore,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'

const issuer = createTestIssuer()
let store: RevocationStore
let io: Server
let url: string
const clients: WebSocket[] = []
const auths: Auth[] = []

beforeAll(async () => {
  store = memoryRevocationStore({ clockToleranceSeconds: 0 })
  const bearer = requireBearer(issuer.options)
  const upgrade = verifyUpgrade(bearer, jtiBlocklist(store))
  const server = createServer()
  // The recipe of docs/streams.md.
  io = new Server(server, { transports: ['websocket'] })
  io.use((socket, pass) => {
    const { request, handshake } = socket
    // A client may send anything.
    const token: unknown = handshake.auth['token']
    request.headers.authorization = typeof token === 'string' ? `Bearer ${token}` : undefined
    upgrade(request).then(
      (auth) => {
        auths.push(auth)
        authSignal(request).addEventListener('abort', () => socket.disconnect(true))
        pass()
      },
      (error: Error) => pass(error),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/socket.io/?EIO=4&transport=websocket`
})

afterEach(() => {
  for (const client of clients.splice(0)) client.terminate()
})

afterAll(async () => {
  await io.close()
})

/** As the client of Socket.IO does it: the `auth` is sent once the transport is open. */
async function answerTo(auth: unknown): Promise<{ client: WebSocket; answer: string }> {
  const client = new WebSocket(url)
  clients.push(client)
  await once(client, 'message')
  client.send(`40${JSON.stringify(auth)}`)
  const [answer] = (await once(client, 'message')) as [Buffer]
  return { client, answer: answer.toString() }
}

describe('the recipe for Socket.IO', () => {
  it('lets a client in whose "auth" has a good token, and ends with it', async () => {
    const { client, answer } = await answerTo({ token: issuer.token() })
    expect(answer).toMatch(/^40\{"sid"/)
    const closed = once(client, 'close')
    await store.revokeToken(auths.at(-1)!)
    await closed
  })

  it.each([
    ['an expired token', { token: issuer.expired() }],
    ['a token that is none', { token: 'x' }],
    ['a token that is no text', { token: { toString: 1 } }],
    ['another token in front of it', { token: `x, Bearer ${issuer.token()}` }],
    ['no token', {}],
  ])('tells the client why not, for %s', async (_case, auth) => {
    const { answer } = await answerTo(auth)
    expect(answer).toMatch(/^44\{"message":"/)
  })
})
