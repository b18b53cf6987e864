import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostHeaderValidation } from '@modelcontextprotocol/node'
import express, { type RequestHandler } from 'express'
import { protectMcp } from '../../lib/mcp.js'
import { createTestIssuer } from '../../lib/testing.js'
import { referenceHandler } from '../../tools/mcp-reference/host.js'

export interface Servers {
  /** URL of the server as the SDK serves it. */
  readonly alone: string
  /** URL of the same behind protectMcp, to which each request comes with a token. */
  readonly guarded: string
  close(): Promise<void>
}

/** Each with tools, resources and prompts for all that the suite asks for. */
export async function startServers(): Promise<Servers> {
  const issuer = createTestIssuer()
  const servers: Server[] = []
  const isForUs = hostHeaderValidation(['127.0.0.1', 'localhost'])

  async function serve(guardsOf: (url: string) => readonly RequestHandler[]): Promise<string> {
    const app = express()
    const server = createServer(app).listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
    app.use((req, res, next) => {
      if (isForUs(req, res)) next()
    })
    app.all('/mcp', ...guardsOf(url), express.json(), referenceHandler())
    return url
  }

  const tokens = new Map<string, string>()
  const alone = await serve(() => [])
  const guarded = await serve((resource) => {
    const mcp = protectMcp({ ...issuer.options, resource, audience: resource, ...RULES })
    // The suite has no token to send.
    const authorized: RequestHandler = (req, _res, next) => {
      req.headers.authorization = `Bearer ${tokens.get(resource)}`
      next()
    }
    return [authorized, mcp.guard]
  })
  tokens.set(guarded, issuer.token({ aud: guarded, scope: SCOPE }))
  return {
    alone,
    guarded,
    async close() {
      for (const server of servers) server.close().closeAllConnections()
    },
  }
}

/** A rule for something of each kind, so that bodies are judged. */
const RULES = {
  scopes: ['mcp'],
  tools: { test_simple_text: 'text:read', test_image_content: ['image:read'], greet: 'text:read' },
  resources: { 'test://static-text': 'text:read', 'skill://purge/SKILL.md': 'text:read' },
  prompts: { test_simple_prompt: 'text:read' },
}
const SCOPE = 'mcp text:read image:read'
