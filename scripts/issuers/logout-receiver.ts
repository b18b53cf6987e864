import { EventEmitter, once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { running } from '../../tools/server.js'

/** The address that servers are told for logout tokens, before there is an app that takes them. */
export interface LogoutReceiver {
  readonly url: string
  handler: RequestListener | undefined
  /** Settles once a logout token was answered, or after five seconds. */
  answered(): Promise<void>
  close(): Promise<void>
}

export const PATH = '/back-channel-logout'
const PATIENCE_MS = 5000

export async function startLogoutReceiver(): Promise<LogoutReceiver> {
  const arrivals = new EventEmitter()
  const server = await running(
    createServer((req, res) => {
      res.once('close', () => {
        if (req.url === PATH) arrivals.emit('answered')
      })
      if (receiver.handler === undefined) res.writeHead(404).end()
      else receiver.handler(req, res)
    }),
  )
  const receiver: LogoutReceiver = {
    url: `${server.url}${PATH}`,
    handler: undefined,
    async answered() {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      await once(arrivals, 'answered', { signal }).catch(() => {})
    },
    close: () => server.close(),
  }
  return receiver
}
