import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'

export interface RunningServer {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Serves an Express app (or any request listener) on a free loopback port. */
export async function serve(app: RequestListener): Promise<RunningServer> {
  return running(createServer(app))
}

export async function running(server: Server): Promise<RunningServer> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface RawAnswer {
  readonly status: number
  /** Header lines as they came, names in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: string
}

/**
 * Sends header lines exactly as given, over a socket of its own: an attacker sends what HTTP
 * clients refuse to send (duplicate headers, odd bytes). Strings go out as latin1.
 */
export async function rawRequest(
  port: number,
  headerLines: readonly string[],
  requestLine = 'GET / HTTP/1.1',
  body = '',
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const head = [requestLine, 'Host: api.test', 'Connection: close', ...headerLines].join('\r\n')
  socket.write(`${head}\r\n\r\n${body}`, 'latin1')
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  return parseAnswer(Buffer.concat(chunks).toString('latin1'))
}

function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  return { status: Number(statusLine.split(' ')[1]), headers, body: text.slice(end + 4) }
}
