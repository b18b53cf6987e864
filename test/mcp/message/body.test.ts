import { describe, expect, it, jest } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { connect, type AddressInfo, type Server } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { peekBody } from '../../../lib/mcp/message/body.js'
import { Fault } from '../../../lib/mcp/message/fault.js'
import { manualTimer } from '../../support/manual-timer.js'

/** Answers with what was read twice: by the guard, and by whoever comes after it. */
function twice(req: AsyncIterable<Uint8Array>, answer: (text: string) => void): void {
  const read = async (): Promise<void> => {
    const first = await peekBody(req as unknown as IncomingMessage, manualTimer())
    const chunks: Uint8Array[] = []
    for await (const chunk of req) chunks.push(chunk)
    const seen = first instanceof Fault ? first.error.detail : first.toString()
    answer(JSON.stringify([seen, Buffer.concat(chunks).toString()]))
  }
  read().catch(() => answer('failed'))
}

function withHeaders(body: Readable): IncomingMessage {
  return Object.assign(body, { headers: {} }) as IncomingMessage
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const BODY = 'ü'.repeat(70_000)

describe('a body that the guard has read', () => {
  it.each([
    ['nothing', ''],
    ['a little', '{}'],
    ['much', BODY],
  ])('is there again over HTTP/1: %s', async (_what, body) => {
    const server = createServer((req, res) => twice(req, (text) => res.end(text)))
    const port = await listening(server)
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body })
    expect(await response.json()).toEqual([body, body])
    server.closeAllConnections()
    server.close()
  })

  it.each([
    ['nothing', ''],
    ['a little', '{}'],
    ['much', BODY],
  ])('is there again over HTTP/2: %s', async (_what, body) => {
    const server = createHttp2Server((req, res) => twice(req, (text) => res.end(text)))
    const client = connectHttp2(`http://127.0.0.1:${await listening(server)}`)
    const stream = client.request({ ':method': 'POST' })
    stream.end(body)
    let text = ''
    for await (const chunk of stream.setEncoding('utf8')) text += String(chunk)
    expect(JSON.parse(text)).toEqual([body, body])
    client.close()
    server.close()
  })

  it('is there again in a request that no socket brought', async () => {
    const body = [Buffer.from('{"a":'), Buffer.from('1}')]
    const made = withHeaders(Readable.from(body, { objectMode: false }))
    const text = await new Promise<string>((resolve) => twice(made, resolve))
    expect(JSON.parse(text)).toEqual(['{"a":1}', '{"a":1}'])
  })
})

describe('a body that is all there before the guard reads it', () => {
  it.each([
    ['nothing', ''],
    ['a little', '{}'],
    ['much', BODY],
  ])('is there again, and nothing is waited for: %s', async (_what, body) => {
    const timer = manualTimer()
    const read = async (req: IncomingMessage): Promise<string> => {
      while (!req.complete) await nextTurn()
      const first = await peekBody(req, timer)
      const left = [req.listenerCount('readable'), req.listenerCount('end'), timer.pending()]
      const chunks: Uint8Array[] = []
      for await (const chunk of req) chunks.push(chunk as Uint8Array)
      const seen = first instanceof Fault ? 'a fault' : first.toString()
      return JSON.stringify([seen, String(Buffer.concat(chunks)), ...left])
    }
    const server = createServer({ highWaterMark: 1_000_000 }, (req, res) => {
      read(req).then((text) => res.end(text), String)
    })
    const port = await listening(server)
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body })
    expect(await response.json()).toEqual([body, body, 0, 0, 0])
    server.closeAllConnections()
    server.close()
  })

  it('is, where it came in one packet with its head', async () => {
    const timer = manualTimer()
    const waits: number[] = []
    const server = createServer((req, res) => {
      const watched = { ...timer, after: timer.after.bind(timer) }
      const after = jest.spyOn(watched, 'after')
      void peekBody(req, watched).then((body) => {
        waits.push(after.mock.calls.length)
        res.end(body)
      })
    })
    const socket = connect(await listening(server), '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}')
    let text = ''
    for await (const chunk of socket.setEncoding('utf8')) text += String(chunk)
    expect(text).toMatch(/\r\n\r\n{}$/)
    expect(waits).toEqual([0])
    server.close()
  })

  it('is none where the client has gone', async () => {
    const gone = Readable.from([Buffer.from('{}')], { objectMode: false })
    gone.on('error', () => undefined)
    await once(gone, 'readable')
    gone.destroy()
    expect(await peekBody(gone as IncomingMessage, manualTimer())).toBeInstanceOf(Fault)
  })
})

describe('a body that does not come', () => {
  it('is waited for no longer than 30 seconds, however its bytes dribble in', async () => {
    const timer = manualTimer()
    const slow = withHeaders(new Readable({ read: () => undefined }))
    const reading = peekBody(slow, timer)
    slow.push('{')
    await timer.advance(30_000)
    const fault = await reading
    expect(fault).toBeInstanceOf(Fault)
    expect((fault as Fault).answer(null).status).toBe(408)
    expect(slow.listenerCount('readable')).toBe(0)
  })

  it('is not waited for where the client is gone, or goes', async () => {
    const gone = new Readable({ read: () => undefined })
    gone.destroy()
    await once(gone, 'close')
    expect(await peekBody(gone as IncomingMessage, manualTimer())).toBeInstanceOf(Fault)

    const server = createServer()
    const port = await listening(server)
    const socket = connect(port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{')
    const [req] = (await once(server, 'request')) as [IncomingMessage]
    const reading = peekBody(req, manualTimer())
    socket.destroy()
    expect(await reading).toBeInstanceOf(Fault)
    server.close()
  })
})
