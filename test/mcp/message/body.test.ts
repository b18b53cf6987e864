import { describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { connect, type AddressInfo, type Server } from 'node:net'
import { Readable } from 'node:stream'
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
    const made = Readable.from([Buffer.from('{"a":'), Buffer.from('1}')], { objectMode: false })
    const text = await new Promise<string>((resolve) => twice(made, resolve))
    expect(JSON.parse(text)).toEqual(['{"a":1}', '{"a":1}'])
  })
})

describe('a body that does not come', () => {
  it('is waited for no longer than 30 seconds, however its bytes dribble in', async () => {
    const timer = manualTimer()
    const slow = new Readable({ read: () => undefined })
    const reading = peekBody(slow as IncomingMessage, timer)
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
