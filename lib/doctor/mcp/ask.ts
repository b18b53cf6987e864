import { boundedFetch } from '../../net/fetch/bounded-fetch.js'
import type { Network } from '../../net/network/network.js'

/** How an MCP server answered a request for its list of tools. */
export interface McpAnswer {
  readonly status: number
  readonly location: string | undefined
  /** Parameters of its challenge; undefined where it sends none that a bearer token answers. */
  readonly challenge: ReadonlyMap<string, string> | undefined
}

const DEADLINE_MS = 5000
/** The newest revision, which is a stateless one: no session need be opened. */
const REVISION = '2026-07-28'
const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': REVISION,
  'mcp-method': 'tools/list',
}
/** Each request of that revision says who asks. A server of the SDK answers 400 to one that does not. */
const META = {
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientInfo': { name: 'express-resource-server doctor', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}
const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/list',
  params: { _meta: META },
})

/** Asks for what changes nothing, with the token or without one. @throws FetchError */
export function askMcp(url: URL, network: Network, token?: string): Promise<McpAnswer> {
  const headers = {
    ...HEADERS,
    'content-length': String(Buffer.byteLength(BODY)),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  const limits = { signal: AbortSignal.timeout(DEADLINE_MS), maxBytes: 0, network }
  // Only the head is read: with a good token the answer may be a stream.
  return boundedFetch(url, { method: 'POST', headers, body: BODY }, limits, (response) => ({
    status: response.statusCode ?? 0,
    location: response.headers.location,
    challenge: challengeIn(response.headers['www-authenticate'], token),
  }))
}

const PARAMETER = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g

/** As a client reads it (RFC 9110 §11.6.1), which is kinder than we are to our own. */
function challengeIn(
  field: string | undefined,
  token = '\n',
): ReadonlyMap<string, string> | undefined {
  const start = field === undefined ? -1 : field.search(/\b(?:Bearer|DPoP)\b/i)
  if (field === undefined || start < 0) return undefined
  const parameters = new Map<string, string>()
  for (const [, name = '', quoted, bare = ''] of field.slice(start).matchAll(PARAMETER)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? bare
    // An echo of the server would be printed.
    const told = value.replaceAll(token, '(the token)')
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), told)
  }
  return parameters
}
