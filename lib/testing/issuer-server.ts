import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { freePort } from './free-port.js'

/**
 * How an issuer fails: nobody listens; an error; no answer at all; a page instead of JSON; a key set
 * without keys.
 */
export type Outage = 'refused' | '500' | 'hang' | 'html' | 'empty'

export interface Documents {
  readonly metadata: object
  readonly jwks: object
  /** What is said of a token at `/introspect`, to whatever client. */
  introspect(token: string): object
  /** What `/poll` answers a receiver that sends this header, by what it posts (RFC 8936 §2.2). */
  poll(authorization: string | undefined, asked: unknown): object
}

/** The documents of an issuer at a loopback address. It never keeps the process from ending. */
export interface IssuerServer {
  readonly url: string
  fail(outage: Outage | undefined): Promise<void>
}

const ANSWERS: Readonly<Record<Outage, (res: ServerResponse) => void>> = {
  // Nobody listens, so nobody asks; a connection from before is closed without an answer.
  refused: (res) => void res.destroy(),
  '500': (res) => void res.writeHead(500).end(),
  hang: () => undefined,
  html: (res) => void res.setHeader('content-type', 'text/html').end('<h1>Maintenance</h1>'),
  empty: (res) => sendJson(res, { keys: [] }),
}

export async function startIssuerServer(
  documents: (url: string) => Documents,
): Promise<IssuerServer> {
  let outage: Outage | undefined
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let server = await listen(port)

  async function answerAbout(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(req))
    sendJson(res, documents(url).introspect(form.get('token') ?? ''))
  }

  async function answerPoll(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const asked: unknown = JSON.parse(await text(req))
    sendJson(res, documents(url).poll(req.headers.authorization, asked))
  }

  async function listen(at: number): Promise<Server> {
    const made = createServer((req, res) => {
      if (outage !== undefined) ANSWERS[outage](res)
      else if (req.url === '/jwks') sendJson(res, documents(url).jwks)
      else if (req.url?.startsWith('/.well-known/') === true) sendJson(res, documents(url).metadata)
      else if (req.url === '/introspect') void answerAbout(req, res)
      else if (req.url === '/poll') void answerPoll(req, res)
      else res.writeHead(404).end()
    })
    made.on('connection', (socket) => void socket.unref())
    made.listen(at, '127.0.0.1').unref()
    await once(made, 'listening')
    return made
  }

  return {
    url,
    async fail(next) {
      const wasClosed = outage === 'refused'
      outage = next
      if (next === 'refused' && !wasClosed) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      } else if (wasClosed && next !== 'refused') {
        server = await listen(port)
      }
    },
  }
}

function sendJson(res: ServerResponse, body: object): void {
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify(body))
}
