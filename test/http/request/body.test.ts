import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { readBody } from '../../../lib/http/request/body.js'
import { manualTimer } from '../../support/manual-timer.js'
import { running } from '../../../tools/server.js'

const LIMITS = { maxBytes: 10, timeoutMs: 1000 }

/** A request whose body comes when told to, over a real socket. */
async function openRequest(): Promise<{
  readonly req: IncomingMessage
  readonly send: (text: string) => void
  readonly hangUp: () => void
  readonly close: () => Promise<void>
}> {
  const server = createServer()
  const incoming = once(server, 'request')
  const { port, ...opened } = await running(server)
  const socket = connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  const [req] = (await incoming) as [IncomingMessage]
  return {
    req,
    send: (text) => void socket.write(`${text.length.toString(16)}\r\n${text}\r\n`),
    hangUp: () => void socket.destroy(),
    close: () => opened.close(),
  }
}

function refusal(detail: RegExp): unknown {
  const match: unknown = expect.stringMatching(detail)
  const facts = { code: 'invalid_request', reason: 'malformed_request', detail: match }
  return expect.objectContaining(facts)
}

describe('readBody', () => {
  it('puts together what comes in pieces', async () => {
    const { req, send, close } = await openRequest()
    const timer = manualTimer()
    const reading = readBody(req, LIMITS, timer)
    send('01234')
    send('56789')
    send('')
    expect((await reading).toString()).toBe('0123456789')
    expect(timer.pending()).toBe(0)
    await close()
  })

  it('refuses one byte too many, once all of them came', async () => {
    const { req, send, close } = await openRequest()
    const outcome = readBody(req, LIMITS, manualTimer())
    send('0123456789')
    send('0')
    send('')
    expect(await outcome).toEqual(refusal(/larger than 10 bytes/))
    expect(req.complete).toBe(true)
    await close()
  })

  it('gives a body up that is not there in time, however steadily it drips', async () => {
    const { req, send, close } = await openRequest()
    const timer = manualTimer()
    const outcome = readBody(req, LIMITS, timer)
    const dripped = once(req, 'data')
    send('0')
    await dripped
    await timer.advance(999)
    expect(timer.pending()).toBe(1)
    await timer.advance(1)
    expect(await outcome).toEqual(refusal(/within 1000 ms/))
    expect(req.complete).toBe(false)
    await close()
  })

  it('refuses a body that breaks off', async () => {
    const { req, send, hangUp, close } = await openRequest()
    const timer = manualTimer()
    const outcome = readBody(req, LIMITS, timer)
    send('0')
    hangUp()
    expect(await outcome).toEqual(refusal(/broke off/))
    expect(timer.pending()).toBe(0)
    await close()
  })
})
