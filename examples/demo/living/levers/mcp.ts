import { tokenForJob } from '../../login.js'
import type { Exchange, Lever, Reach } from './lever.js'

/** An agent asks for a tool: without a token, with the scope for it, and without. */
export const mcp: Lever = async (reach) => {
  const audience = `${reach.stage.origin}/mcp`
  const token = await tokenForJob(reach.stage.provider, { scope: 'notes:read', audience })
  return {
    exchanges: [
      await callTool(reach, 'An agent without a token is told where to get one', 'read-notes'),
      await callTool(reach, 'With a token for this server', 'read-notes', token),
      await callTool(reach, 'A tool that needs more', 'purge-notes', token),
    ],
  }
}

async function callTool(
  { api }: Reach,
  title: string,
  name: string,
  token?: string,
): Promise<Exchange> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } }
  const response = await fetch(new URL('/mcp', api), {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...authorization,
    },
    body: JSON.stringify(call),
    signal: AbortSignal.timeout(5000),
  })
  const headers = Object.fromEntries(response.headers)
  const request = `POST /mcp\n${JSON.stringify(call)}`
  return { title, request, status: response.status, headers, body: await response.text() }
}
