import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it, jest } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import {
  HandshakeResponse,
  isHandshake,
  refuserOfHandshake,
} from '../../../lib/http/guard/handshake.js'

function handshake(socket = new Socket()): {
  readonly res: HandshakeResponse
  readonly refused: jest.Mock
} {
  const refused = jest.fn()
  return { res: new HandshakeResponse(new IncomingMessage(socket), refused), refused }
}

describe('the response of a handshake', () => {
  it('hands a refusal on in place of an answer', () => {
    const { res, refused } = handshake()
    const error = new AuthError('invalid_token', { reason: 'expired' })
    refuserOfHandshake(res)?.(error)
    expect(refused.mock.calls).toEqual([[error]])
  })

  it('refuses the handshake where a middleware answers by itself', () => {
    const { res, refused } = handshake()
    res.statusCode = 418
    expect(res.end()).toBe(res)
    expect(refused.mock.calls).toEqual([
      [new Error('verifyUpgrade: a middleware answered by itself (418)')],
    ])
    expect(res.writableEnded).toBe(false)
  })

  it('is over with its socket, for those that keep something until then', () => {
    const socket = new Socket()
    const { res } = handshake(socket)
    const over = jest.fn()
    res.on('close', over)
    expect(res.destroyed).toBe(false)
    socket.emit('close')
    expect(res.destroyed).toBe(true)
    expect(over).toHaveBeenCalledTimes(1)
    expect(handshake(new Socket().destroy()).res.destroyed).toBe(true)
  })

  it('is told from one that a client waits for, also where another copy made it', () => {
    const { res } = handshake()
    const plain = {} as HandshakeResponse
    expect([isHandshake(res), isHandshake(plain)]).toEqual([true, false])
    expect(refuserOfHandshake(plain)).toBeUndefined()
    const refused = jest.fn()
    const name = Symbol.for('express-resource-server.refused')
    const other = { [name]: refused } as unknown as HandshakeResponse
    expect([isHandshake(other), refuserOfHandshake(other)]).toEqual([true, refused])
  })
})
