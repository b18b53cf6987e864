import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { Router } from 'express'
import { protectMcp } from '../../../lib/mcp.js'
import { timed } from './watched.js'

const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] })

/** An MCP server: its tools need scopes, and its 401 tells clients where to log in. */
export function mcpApi(issuer: string, origin: string): Router {
  const api = Router()
  // #region mcp
  const mcp = protectMcp({
    resource: `${origin}/mcp`,
    issuer,
    scopes: ['notes:read'],
    tools: { 'purge-notes': ['notes:delete'] },
  })
  api.use(mcp.metadata)
  api.use('/mcp', timed('scope', 'token and scopes of the tool', mcp.guard))
  // #endregion
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'notes', version: '1.0.0' })
    server.registerTool('read-notes', {}, () => text('Read the reason of a refusal'))
    server.registerTool('purge-notes', {}, () => text('gone'))
    return server
  })
  // The types of the SDK fit no request of Node under `exactOptionalPropertyTypes`.
  api.post('/mcp', toNodeHandler(handler) as never)
  return api
}
