import { McpServer, type ServerNotifier } from '@modelcontextprotocol/server'
import { registerContent } from './content.js'
import { registerDiagnostics } from './diagnostics.js'
import { registerRounds, sealed } from './rounds.js'
import { skills } from './skills.js'
import { registerTasks, TASKS } from './tasks.js'

/** A server with the tools, resources and prompts that the conformance suite of MCP asks for. */
export function buildReferenceServer(notify: () => ServerNotifier): McpServer {
  const changes = { listChanged: true }
  const server = new McpServer(
    { name: 'reference', version: '1.0.0' },
    {
      capabilities: {
        extensions: { [TASKS]: {} },
        logging: {},
        completions: {},
        tools: changes,
        prompts: changes,
        resources: { ...changes, subscribe: true },
      },
      requestState: { verify: (state, ctx) => sealed.verify(state, ctx) },
    },
  )
  registerContent(server)
  registerRounds(server)
  registerDiagnostics(server, notify)
  registerTasks(server)
  skills.attach(server)
  server.server.setRequestHandler('completion/complete', () => ({
    completion: { values: [], total: 0, hasMore: false },
  }))
  server.server.setRequestHandler('resources/subscribe', () => ({}))
  server.server.setRequestHandler('resources/unsubscribe', () => ({}))
  return server
}
