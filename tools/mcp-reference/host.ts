/* Serves the reference server to clients of all revisions: those until 2025-11-25 have sessions. */
import { randomUUID } from 'node:crypto'
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node'
import {
  classifyInboundRequest,
  createMcpHandler,
  isInitializeRequest,
  type EventStore,
  type JSONRPCMessage,
} from '@modelcontextprotocol/server'
import type { Request, RequestHandler, Response } from 'express'
import { buildReferenceServer } from './server.js'
import { missingTasks } from './tasks.js'

type Transport = NodeStreamableHTTPServerTransport

/** Needs `express.json()` in front. */
export function referenceHandler(): RequestHandler {
  const modern = createMcpHandler(build)
  const serveModern = toNodeHandler(modern)
  const sessions = new Map<string, Transport>()

  function build(): ReturnType<typeof buildReferenceServer> {
    return buildReferenceServer(() => modern.notify)
  }

  async function openSession(): Promise<Transport> {
    const transport: Transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: eventStore(),
      retryInterval: 100,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    await build().connect(transport)
    return transport
  }

  return async (req, res) => {
    const body: unknown = req.body
    if (!isLegacy(req)) {
      const missing = missingTasks(body)
      if (missing === undefined) await serveModern(req as never, res, body)
      else res.status(400).json(missing)
      return
    }
    const id = req.get('mcp-session-id')
    const isFirst = id === undefined && isInitializeRequest(body)
    const transport = isFirst ? await openSession() : sessions.get(id ?? '')
    if (transport === undefined) return refuse(res, id)
    await transport.handleRequest(req as never, res, body)
  }
}

function isLegacy(req: Request): boolean {
  const version = req.get('mcp-protocol-version')
  const method = req.get('mcp-method')
  const { kind } = classifyInboundRequest({
    httpMethod: req.method,
    ...(version !== undefined && { protocolVersionHeader: version }),
    ...(method !== undefined && { mcpMethodHeader: method }),
    body: req.body,
  })
  return kind === 'legacy'
}

/** 404 tells a client to begin anew. */
function refuse(res: Response, id: string | undefined): void {
  const [status, message] =
    id === undefined ? [400, 'Session ID required'] : [404, 'No such session']
  res.status(status).json({ jsonrpc: '2.0', error: { code: -32_000, message }, id: null })
}

/** What a client has missed whose stream broke off. */
function eventStore(): EventStore {
  const events: { readonly streamId: string; readonly message: JSONRPCMessage }[] = []
  return {
    storeEvent: async (streamId, message) => String(events.push({ streamId, message }) - 1),
    async replayEventsAfter(lastEventId, { send }) {
      const last = Number(lastEventId)
      const streamId = events[last]?.streamId ?? ''
      for (const [index, event] of events.entries()) {
        if (index <= last || event.streamId !== streamId) continue
        // The first event of a stream holds nothing but its id.
        if ('jsonrpc' in event.message) await send(String(index), event.message)
      }
      return streamId
    },
  }
}
