import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer, type AuthInfo } from '@modelcontextprotocol/server'
import express from 'express'
import request, { type Response } from 'supertest'
import type { AuthErrorReason, AuthEvent } from '../../lib/index.js'
import { protectMcp, type McpProtection, type ProtectMcpOptions } from '../../lib/mcp.js'
import type { TestIssuer } from '../../lib/testing.js'
import { freePort } from '../../lib/testing/free-port.js'
import { createServer } from 'node:http'
import { once } from 'node:events'

export const MODERN = '2026-07-28'
export const REVISIONS: readonly string[] = ['2025-06-18', '2025-11-25', MODERN]

/** A server of the SDK with three tools, a resource and a prompt, behind `protectMcp`. */
export interface McpApi {
  readonly url: string
  readonly port: number
  readonly resource: string
  readonly mcp: McpProtection
  /** Names of the tools that ran, and of what was read, in order. */
  readonly served: string[]
  /** What the tools were told of their caller. */
  readonly callers: (AuthInfo | undefined)[]
  readonly events: AuthEvent[]
  /** Of the latest refusal. */
  reason(): AuthErrorReason | undefined
  close(): Promise<void>
}

export const SCOPES = {
  scopes: ['mcp'],
  tools: { 'add-note': ['notes:write'], 'purge-notes': ['notes:write', 'notes:purge'] },
  resources: { 'notes://secret/': 'notes:secret' },
  prompts: { summary: 'notes:read' },
} as const

export type McpApiOptions = Partial<ProtectMcpOptions> & {
  /** Parses bodies in front of the guard. */
  readonly parser?: express.RequestHandler
}

export async function startMcp(
  issuer: TestIssuer,
  { parser, ...options }: McpApiOptions = {},
): Promise<McpApi> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const resource = `${url}/mcp`
  const served: string[] = []
  const callers: (AuthInfo | undefined)[] = []
  const events: AuthEvent[] = []
  const mcp = protectMcp({
    ...issuer.options,
    resource,
    audience: undefined,
    onEvent: (event: AuthEvent) => void events.push(event),
    ...SCOPES,
    ...options,
  } as ProtectMcpOptions)

  const build = (): McpServer => {
    const server = new McpServer({ name: 'notes', version: '1.0.0' })
    for (const name of ['read-notes', 'add-note', 'purge-notes']) {
      server.registerTool(name, { description: name }, (ctx) => {
        served.push(name)
        callers.push(ctx.http?.authInfo)
        return { content: [{ type: 'text', text: `${name} done` }] }
      })
    }
    server.registerResource('secret', 'notes://secret/', {}, (uri) => {
      served.push(uri.href)
      return { contents: [{ uri: uri.href, text: 'secret' }] }
    })
    server.registerPrompt('summary', {}, () => {
      served.push('summary')
      return { messages: [] }
    })
    return server
  }
  const handler = toNodeHandler(createMcpHandler(build))
  const app = express()
  app.use(mcp.metadata)
  if (parser !== undefined) app.use(parser)
  // Under `exactOptionalPropertyTypes` the types of the SDK fit no request of Node.
  app.all('/mcp', mcp.guard, (req, res) => void handler(req as never, res, req.body))
  const server = createServer(app)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url,
    port,
    resource,
    mcp,
    served,
    callers,
    events,
    reason: () => events.findLast((event) => event.name === 'request.refused')?.reason,
    async close() {
      mcp.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A message as a client of that revision sends it, and the headers beside it. */
export function messageOf(
  revision: string,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): { readonly body: object; readonly headers: Record<string, string> } {
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': revision,
  }
  if (revision < MODERN) return { body: { jsonrpc: '2.0', id: 1, method, params }, headers }
  const name = params['name'] ?? params['uri']
  const meta = {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  return {
    body: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } },
    headers: {
      ...headers,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
  }
}

export interface Post {
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A text is sent as it is. */
  readonly body: unknown
}

export function post(
  api: Pick<McpApi, 'url'>,
  { token, headers = {}, body }: Post,
): Promise<Response> {
  const asking = request(api.url)
    .post('/mcp')
    .set('accept', 'application/json, text/event-stream')
    .set('content-type', 'application/json')
    .set(headers)
  if (token !== undefined) void asking.set('authorization', `Bearer ${token}`)
  return Promise.resolve(asking.send(typeof body === 'string' ? body : JSON.stringify(body)))
}

export function call(
  api: Pick<McpApi, 'url'>,
  token: string | undefined,
  name: string,
  revision: string = MODERN,
): Promise<Response> {
  const message = messageOf(revision, 'tools/call', { name, arguments: {} })
  return post(api, { ...(token === undefined ? {} : { token }), ...message })
}
