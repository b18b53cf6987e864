import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { running } from '../../tools/server.js'

type Document = object | ((req: IncomingMessage, res: ServerResponse) => void)

/** A server of documents by their path: JSON, or whatever a function answers. 404 for all others. */
export interface DocumentServer {
  readonly url: string
  /** `GET /path` for each request so far. */
  readonly requests: string[]
  readonly headers: IncomingMessage['headers'][]
  documents: Readonly<Record<string, Document>>
  close(): Promise<void>
}

export async function serveDocuments(): Promise<DocumentServer> {
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const server = await running(
    createServer((req, res) => {
      const path = req.url ?? ''
      requests.push(`${req.method} ${path}`)
      headers.push(req.headers)
      const document = served.documents[path]
      if (document === undefined) res.writeHead(404).end()
      else if (typeof document === 'function') document(req, res)
      else res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(document))
    }),
  )
  const served: DocumentServer = {
    url: server.url,
    requests,
    headers,
    documents: {},
    close: () => server.close(),
  }
  return served
}
