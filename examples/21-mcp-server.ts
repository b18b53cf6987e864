// An MCP server whose tools need scopes, and a list of tools that each caller may use.
//
//   npx tsx examples/21-mcp-server.ts
//
// It starts an issuer and prints tokens. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/.well-known/oauth-protected-resource/mcp                       # 200
//   curl -i -X POST 127.0.0.1:3000/mcp                                                    # 401, scope="notes:read"
//   curl -i 127.0.0.1:3000/mcp -H "Authorization: Bearer $READER" -H "Accept: application/json, text/event-stream" -H "Content-Type: application/json" -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read-notes"}}'   # 200
//   curl -i 127.0.0.1:3000/mcp -H "Authorization: Bearer $READER" -H "Content-Type: application/json" -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"purge-notes"}}'  # 403, scope="notes:read notes:write notes:delete"
//   curl -i -X DELETE 127.0.0.1:3000/session -H "Authorization: Bearer $READER"           # 204
//   curl -i -X POST 127.0.0.1:3000/mcp -H "Authorization: Bearer $READER"                 # 401
// A client of MCP needs none of these: the 401 tells it where to ask for a token.
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server'
import express from 'express'
import { logout, memoryRevocationStore } from '../lib/index.js'
import { protectMcp } from '../lib/mcp.js'
import { trustedIssuer } from './issuer.js'

const port = Number(process.env['PORT'] ?? 3000)
const resource = `http://127.0.0.1:${port}/mcp`
const tokens = { READER: { user: 'alice', scope: 'notes:read' } }
const { issuer } = await trustedIssuer(tokens, { resource })

const revocations = memoryRevocationStore()
const mcp = protectMcp({
  resource,
  issuer,
  scopes: ['notes:read'],
  tools: { 'add-note': 'notes:write', 'purge-notes': ['notes:write', 'notes:delete'] },
  revocations,
})

const notes: string[] = []
const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] })
const inputSchema = fromJsonSchema<{ note?: string }>({
  type: 'object',
  properties: { note: { type: 'string' } },
})

const handler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  server.registerTool('read-notes', {}, () => text(notes.join('\n')))
  server.registerTool('add-note', { inputSchema }, ({ note = '' }) =>
    text(`${notes.push(note)} notes`),
  )
  const purge = server.registerTool('purge-notes', {}, () => text(`${notes.splice(0).length} gone`))
  if (!mcp.visible(authInfo, 'purge-notes')) purge.disable()
  return server
})

const app = express()
app.use(mcp.metadata)
// The cast is for `exactOptionalPropertyTypes`, with which the types of the SDK fit no request of Node.
app.all('/mcp', mcp.guard, toNodeHandler(handler) as never)
app.delete('/session', mcp.guard, logout(revocations))
app.listen(port, '127.0.0.1')
