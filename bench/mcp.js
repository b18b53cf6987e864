// `npm run bench:mcp`: a tools/call of a server of the SDK without a guard, behind the SDK's own middleware
// with a verifier over jose, and behind protectMcp. One process, rounds in turn; needs a build.
import { createServer, request, Agent } from 'node:http'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { requireBearerAuth } from '@modelcontextprotocol/express'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer, OAuthError } from '@modelcontextprotocol/server'
import express from 'express'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { protectMcp } from '../dist/mcp.js'

const ROUNDS = 40
const REQUESTS = 50
const RESOURCE = 'http://127.0.0.1:1/mcp'
const ISSUER = 'https://id.example.com'

const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }

const keySet = createLocalJWKSet(jwks)
const byJose = {
  async verifyAccessToken(token) {
    try {
      const { payload } = await jwtVerify(token, keySet, { issuer: ISSUER, audience: RESOURCE })
      const { client_id: clientId, scope, exp } = payload
      return { token, clientId, scopes: scope.split(' '), expiresAt: exp }
    } catch (error) {
      throw new OAuthError('invalid_token', error.message)
    }
  },
}
const tools = { 'read-notes': ['notes:read'] }
const mcp = protectMcp({ resource: RESOURCE, issuer: ISSUER, jwks, scopes: ['mcp'], tools })
const guards = {
  'no guard': [],
  'SDK with jose': [requireBearerAuth({ verifier: byJose, requiredScopes: ['mcp', 'notes:read'] })],
  protectMcp: [mcp.guard],
}

const handler = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer({ name: 'notes', version: '1.0.0' })
    server.registerTool('read-notes', {}, () => ({ content: [{ type: 'text', text: 'a note' }] }))
    return server
  }),
)
const app = express()
for (const [name, chain] of Object.entries(guards))
  app.post(`/${encodeURI(name)}`, ...chain, handler)
const server = createServer(app).listen(0, '127.0.0.1')
await once(server, 'listening')
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

const revision = '2026-07-28'
const key = (name) => `io.modelcontextprotocol/${name}`
const meta = {
  [key('protocolVersion')]: revision,
  [key('clientInfo')]: { name: 'bench', version: '1' },
  [key('clientCapabilities')]: {},
}
const body = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'read-notes', arguments: {}, _meta: meta },
})

let count = 0
function newToken() {
  count += 1
  const claims = { client_id: 'app', scope: 'mcp notes:read', jti: String(count) }
  return new SignJWT({ ...claims, iss: ISSUER, aud: RESOURCE, sub: 'alice' })
    .setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'at+jwt' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
}

async function call(name, token) {
  const asking = request({
    agent,
    port: server.address().port,
    path: `/${encodeURI(name)}`,
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': revision,
      'mcp-method': 'tools/call',
      'mcp-name': 'read-notes',
    },
  })
  asking.end(body)
  const [answer] = await once(asking, 'response')
  let text = ''
  for await (const chunk of answer) text += chunk
  if (!text.includes('a note')) throw new Error(`${name}: ${answer.statusCode} ${text}`)
}

// The quiet rounds: on a busy machine the middle of all tells of its other work.
const quiet = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 10)]
const known = await newToken()
const times = {}
for (let round = 0; round < ROUNDS; round += 1) {
  for (const name of Object.keys(guards)) {
    for (const kind of ['known token', 'new token']) {
      const tokens = []
      for (let i = 0; i < REQUESTS; i += 1)
        tokens.push(kind === 'known token' ? known : await newToken())
      const start = performance.now()
      for (const token of tokens) await call(name, token)
      const each = ((performance.now() - start) * 1000) / REQUESTS
      ;((times[name] ??= {})[kind] ??= []).push(each)
    }
  }
}
const rows = Object.entries(times).map(([name, kinds]) => [
  name,
  Object.fromEntries(
    Object.entries(kinds).map(([kind, list]) => [kind, `${Math.round(quiet(list))} µs`]),
  ),
])
console.log(
  `MCP tools/call, Node ${process.version}, the quietest tenth of ${ROUNDS} rounds of ${REQUESTS} calls one after another`,
)
console.table(Object.fromEntries(rows))
server.close()
agent.destroy()
mcp.close()
