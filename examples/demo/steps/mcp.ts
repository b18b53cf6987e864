import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import express from 'express'
import { protectMcp } from '../../../lib/mcp.js'
import { bearer, get, post, serve, type ApiRequest, type HeaderLine } from '../http.js'
import { tokenForUser } from '../login.js'
import { AUDIENCE } from '../provider.js'
import type { Stage } from '../stage.js'
import type { Tour } from '../tour.js'

/** What a client of the revision before the present one sends. */
function call(tool: string, ...headers: readonly HeaderLine[]): ApiRequest {
  const accept = ['Accept', 'application/json, text/event-stream'] as const
  const json = ['Content-Type', 'application/json'] as const
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool } }
  return { ...post('/mcp', accept, json, ...headers), body: JSON.stringify(message) }
}

/** A server of the MCP SDK: the way to a token, and what a token lets its tools do. */
export async function mcpSteps(tour: Tour, { provider: { issuer } }: Stage): Promise<void> {
  const app = express()
  const server = await serve(app)
  const { url: to } = server
  const mcp = protectMcp({
    resource: `${to}/mcp`,
    issuer,
    audience: AUDIENCE,
    scopes: 'notes:read',
    tools: { 'purge-notes': 'notes:delete' },
    onEvent: tour.onEvent,
  })
  const handler = createMcpHandler(() => {
    const notes = new McpServer({ name: 'notes', version: '1.0.0' })
    for (const tool of ['read-notes', 'purge-notes']) {
      notes.registerTool(tool, {}, () => ({ content: [] }))
    }
    return notes
  })
  app.use(mcp.metadata)
  app.all('/mcp', mcp.guard, toNodeHandler(handler) as never)

  const metadata = `resource_metadata="${mcp.metadata.url}"`
  const lacking = {
    status: 403,
    reason: 'scope_missing',
    challenge: `Bearer realm="api", error="insufficient_scope", scope="notes:read notes:delete", ${metadata}`,
  } as const
  const token = bearer(await tokenForUser({ issuer }, 'alice', 'notes:read'))

  tour.chapter('MCP servers')
  await tour.step({
    what: 'a client that knows nothing yet',
    to,
    request: call('read-notes'),
    told: {
      status: 401,
      reason: 'no_credential',
      challenge: `Bearer realm="api", scope="notes:read", ${metadata}`,
    },
  })
  await tour.step({
    what: 'follows the challenge',
    to,
    request: get('/.well-known/oauth-protected-resource/mcp'),
    told: { status: 200 },
    why: 'and finds the issuer there, logs its user in, and comes back with a token',
  })
  await tour.step({
    what: 'calls a tool that its token is good for',
    to,
    request: call('read-notes', token),
    told: { status: 200 },
  })
  await tour.step({
    what: 'calls a tool that needs more',
    to,
    request: call('purge-notes', token),
    told: lacking,
  })
  await tour.step({
    what: 'names the harmless tool in a header, and the other in the body',
    to,
    request: call('purge-notes', token, ['Mcp-Method', 'tools/call'], ['Mcp-Name', 'read-notes']),
    told: lacking,
  })
  mcp.close()
  await server.close()
}
