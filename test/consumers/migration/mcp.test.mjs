import assert from 'node:assert/strict'
import { it } from 'node:test'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import express from 'express'
import request from 'supertest'
import { protectMcp } from 'express-resource-server/mcp'
import { createTestIssuer } from 'express-resource-server/testing'
import { mcpSdk } from './before.mjs'

const issuer = createTestIssuer({ alg: 'RS256', audience: 'http://127.0.0.1/mcp' })
await issuer.listen()
const { audience } = issuer
const ours = protectMcp({ ...issuer.options, resource: audience, exposeToken: true })

for (const [name, guard] of [
  [
    'the guard of the SDK',
    mcpSdk({ issuer: issuer.issuer, audience, jwksUri: `${issuer.issuer}/jwks` }),
  ],
  ['protectMcp', ours.guard],
]) {
  it(`hands tools the caller of a request, behind ${name}`, async () => {
    const token = issuer.token({ sub: 'user-7', client_id: 'agent', scope: 'notes:read more' })
    const seen = await callerOf(guard, token)
    assert.equal(seen.token, token)
    assert.equal(seen.clientId, 'agent')
    assert.deepEqual([...seen.scopes], ['notes:read', 'more'])
    assert.equal(typeof seen.expiresAt, 'number')
  })
}

/** What a tool finds in `ctx.http.authInfo`. */
async function callerOf(guard, token) {
  const { promise, resolve } = Promise.withResolvers?.() ?? withResolvers()
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'notes', version: '1.0.0' })
    server.registerTool('who', {}, (ctx) => {
      resolve(ctx.http.authInfo)
      return { content: [] }
    })
    return server
  })
  const app = express()
  app.all('/mcp', guard, toNodeHandler(handler))
  const answer = await request(app)
    .post('/mcp')
    .auth(token, { type: 'bearer' })
    .set('accept', 'application/json, text/event-stream')
    .send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'who' } })
  assert.equal(answer.status, 200, answer.text)
  return promise
}

/** For Node 20. */
function withResolvers() {
  let resolve
  const promise = new Promise((done) => {
    resolve = done
  })
  return { promise, resolve }
}
