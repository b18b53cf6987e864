import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { authState } from '../../lib/http/guard/auth-state.js'
import {
  authSignal,
  jtiBlocklist,
  memoryRevocationStore,
  type Middleware,
} from '../../lib/index.js'
import { until } from '../../tools/until.js'
import { connectSocket, greeting, openRaw, socketTests } from '../support/socket-api.js'

const sockets = socketTests()

describe('a socket of verifyUpgrade', () => {
  it('ends with its token', async () => {
    const store = memoryRevocationStore({ clockToleranceSeconds: 0 })
    const api = await sockets.start([jtiBlocklist(store)])
    const socket = connectSocket(api.url, await sockets.asHeader())
    await once(socket, 'message')
    await store.revokeToken(api.last.auth!)
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
    expect([code, reason.toString()]).toEqual([4401, 'logout'])
  })

  it('has a response that closes with it', async () => {
    const api = await sockets.start()
    const socket = connectSocket(api.url, await sockets.asHeader())
    await once(socket, 'message')
    const signal = authSignal(api.last.req!)
    expect(signal.aborted).toBe(false)
    socket.terminate()
    await until(() => expect(api.last.req!.socket.destroyed).toBe(true))
    expect(authState(api.last.req!)!.res.destroyed).toBe(true)
  })

  it('that its client resets while it is judged ends no process', async () => {
    const gates: (() => void)[] = []
    const slow: Middleware = (_req, _res, next) => void gates.push(() => next())
    const api = await sockets.start([slow])
    const { authorization } = await sockets.asHeader()
    const socket = await openRaw(api, [
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Authorization: ${authorization}`,
    ])
    await until(() => expect(gates).toHaveLength(1))
    socket.resetAndDestroy()
    await until(() => expect(api.last.req!.socket.destroyed).toBe(true))
    gates[0]!()
    await until(() => expect(api.last.auth).toBeDefined())
  })

  it.each([
    ['must have a token', false],
    ['may be anonymous, but for sockets', true],
  ])('that its client resets when it is refused ends no process: %s', async (_who, optional) => {
    const api = await sockets.start([], { optional })
    for (let count = 0; count < 20; count += 1) {
      const socket = await openRaw(api, ['Upgrade: websocket', 'Connection: Upgrade'])
      socket.resetAndDestroy()
    }
    expect(await greeting(api, await sockets.asHeader())).toMatch(/^hello/)
  })
})
