import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { requireBearer, verifyUpgrade, type Middleware } from '../../lib/index.js'
import { authWith } from '../support/behind-bearer.js'
import { exchangeOf } from '../support/exchange.js'

const bearer = requireBearer({ verifier: { verify: () => authWith() }, optional: true })

const handshake = (authorization?: string): IncomingMessage =>
  exchangeOf('/chat', { headers: authorization === undefined ? {} : { authorization } }).req

const reset = (req: IncomingMessage): boolean =>
  req.socket.emit('error', new Error('read ECONNRESET'))

describe('the socket of a handshake', () => {
  it('may break while it is judged, and has no listener of ours afterwards', async () => {
    const req = handshake('Bearer good')
    const breaks: Middleware = (_req, _res, next) => {
      expect(reset(req)).toBe(true)
      next()
    }
    const auth = await verifyUpgrade(bearer, breaks)(req)
    expect(auth).toMatchObject({ subject: 'user-1' })
    expect(req.socket.listenerCount('error')).toBe(0)
  })

  it.each([
    ['malformed_authorization', 'Bearer a b'],
    ['no_credential', 'Basic YTpi'],
    ['no_credential', undefined],
  ])('may break after it was refused, for %s: %p', async (reason, authorization) => {
    const req = handshake(authorization)
    await expect(verifyUpgrade(bearer)(req)).rejects.toMatchObject({ reason })
    expect(reset(req)).toBe(true)
  })
})

describe('verifyUpgrade', () => {
  it('says why it rejects where requests may be anonymous', async () => {
    await expect(verifyUpgrade(bearer)(handshake())).rejects.toMatchObject({
      code: 'no_credential',
      reason: 'no_credential',
    })
  })

  it.each([undefined, null])('goes on after a middleware that calls next(%p)', async (nothing) => {
    const passes: Middleware = (_req, _res, next) => next(nothing)
    const auth = await verifyUpgrade(bearer, passes)(handshake('Bearer good'))
    expect(auth).toMatchObject({ subject: 'user-1' })
  })
})
