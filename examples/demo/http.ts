import { once } from 'node:events'
import { createServer, request, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RunningServer {
  readonly url: string
  close(): Promise<void>
}

/** Serves on loopback, on `port` or, where that is taken, on a free one. */
export async function serve(listener: RequestListener, port = 0): Promise<RunningServer> {
  const server = createServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' && port !== 0) server.listen(0, '127.0.0.1')
      else reject(error)
    })
    server.listen(port, '127.0.0.1')
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Header lines are sent as they are listed: a name may come twice, which no ordinary client allows. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: readonly HeaderLine[]
  /** @default none */
  readonly body?: string
}

export type HeaderLine = readonly [name: string, value: string]

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export function get(path: string, ...headers: readonly HeaderLine[]): ApiRequest {
  return { method: 'GET', path, headers }
}

export function post(path: string, ...headers: readonly HeaderLine[]): ApiRequest {
  return { method: 'POST', path, headers }
}

export function bearer(token: string): HeaderLine {
  return ['Authorization', `Bearer ${token}`]
}

/** @param localAddress The address to send from. @default any */
export async function send(
  origin: string,
  { method, path, headers, body = '' }: ApiRequest,
  localAddress?: string,
): Promise<Answer> {
  const url = new URL(path, origin)
  const lines = [
    ['Host', url.host],
    ['Content-Length', String(Buffer.byteLength(body))],
    ['Connection', 'close'],
    ...headers,
  ]
  const outgoing = request(url, {
    method,
    headers: lines.flat(),
    agent: false,
    ...(localAddress === undefined ? {} : { localAddress }),
    signal: AbortSignal.timeout(10_000),
  })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response as AsyncIterable<string>) text += chunk
  return { status: response.statusCode ?? 0, headers: response.headers, body: text }
}
