import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

/** An HTTP proxy that speaks CONNECT, on a loopback port. */
export interface ConnectProxy {
  readonly url: string
  /** Each authority asked for, with the credentials shown. */
  readonly asked: { readonly authority: string; readonly credentials: string | undefined }[]
  /** What it answers in place of a connection; '' for nothing at all. */
  answer: string | undefined
  /** Connections from clients that are open now. */
  readonly open: number
  close(): Promise<void>
}

/** Names are resolved by the proxy: all of them lead to this machine. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const sockets = new Set<Socket>()
  const clients = new Set<Socket>()
  const server = createServer((_req, res) => res.writeHead(405).end())
  server.on('connection', (socket) => {
    clients.add(socket)
    sockets.add(socket)
    socket.on('close', () => clients.delete(socket)).on('error', () => undefined)
  })
  server.on('connect', (req, client) => {
    const authority = req.url ?? ''
    proxy.asked.push({ authority, credentials: req.headers['proxy-authorization'] })
    // A server's sockets stay half open otherwise, and seem to be held by the client.
    client.on('end', () => client.destroy())
    if (proxy.answer !== undefined) {
      client.resume().write(proxy.answer)
      return
    }
    const target = connect(Number(authority.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    sockets.add(target)
    target.on('error', () => client.destroy())
    // Read on, to see whether the client closes its side.
    target.on('close', () => client.resume())
    client.on('error', () => target.destroy())
    client.on('close', () => target.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: ConnectProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    answer: undefined,
    get open() {
      return clients.size
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}
