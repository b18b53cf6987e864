import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { DpopSession } from '@modelcontextprotocol/client'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import express from 'express'
import { startProvider, type DemoProvider } from '../../examples/demo/provider.js'
import { memoryReplayStore, type AuthEvent, type AuthErrorReason } from '../../lib/index.js'
import { protectMcp } from '../../lib/mcp.js'
import { openMcpUser } from '../../tools/mcp-user.js'
import { freePort } from '../../lib/testing/free-port.js'

let provider: DemoProvider
let server: Server
let origin: string
let url: string
let events: AuthEvent[] = []

const reasons = (): (AuthErrorReason | undefined)[] =>
  events.flatMap((event) => (event.name === 'request.refused' ? [event.reason] : []))

beforeAll(async () => {
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  url = `${origin}/mcp`
  provider = await startProvider({ port: await freePort(), resource: url })
  const mcp = protectMcp({
    resource: url,
    issuer: provider.issuer,
    scopes: ['notes:read'],
    tools: { 'purge-notes': ['notes:delete'] },
    origin,
    dpop: {
      mode: 'require',
      replay: memoryReplayStore(),
      nonce: { secrets: ['a secret of at least thirty-two characters'] },
    },
    onEvent: (event) => void events.push(event),
  })
  const handler = createMcpHandler(() => {
    const tools = new McpServer({ name: 'notes', version: '1.0.0' })
    for (const name of ['read-notes', 'purge-notes']) {
      tools.registerTool(name, {}, () => ({ content: [{ type: 'text', text: name }] }))
    }
    return tools
  })
  const app = express()
  app.use(mcp.metadata)
  app.all('/mcp', mcp.guard, toNodeHandler(handler) as never)
  server = createServer(app).listen(port, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await provider.close()
})

// One story: each step begins where the last one ended.
describe('a client of the SDK that proves its tokens, and a real OpenID provider', () => {
  let key: DpopSession
  let alice: ReturnType<typeof openMcpUser>

  it('gets a bound token, is given a nonce, and calls a tool', async () => {
    key = await DpopSession.create()
    alice = openMcpUser(url, 'alice', 'auto', key)
    expect(await alice.call('read-notes')).toBe('read-notes')
    expect(reasons()).toEqual(['no_credential', 'nonce_needed'])
  })

  it('needs no other nonce for the next call, and proves each request anew', async () => {
    events = []
    expect(await alice.call('read-notes')).toBe('read-notes')
    expect(reasons()).toEqual([])
  })

  it('asks its user for more where a tool needs more, and proves that token too', async () => {
    expect(await alice.call('purge-notes')).toBe('purge-notes')
    expect(alice.logins).toHaveLength(2)
  })

  it('is of no use to whoever took its token', async () => {
    const token = alice.token()!
    const send = async (headers: Record<string, string>): Promise<AuthErrorReason | undefined> => {
      events = []
      expect((await fetch(url, { method: 'POST', headers })).status).toBe(401)
      return reasons()[0]
    }
    expect(await send({ authorization: `Bearer ${token}` })).toBe('bound_token')
    expect(await send({ authorization: `DPoP ${token}` })).toBe('missing_proof')
    const thief = await DpopSession.create()
    const made = { htm: 'POST', htu: url, accessToken: token }
    const dpop = await thief.buildProof(made)
    expect(await send({ authorization: `DPoP ${token}`, dpop })).toBe('wrong_key')
  })

  it('cannot send a proof twice', async () => {
    const token = alice.token()!
    const dpop = await key.buildProof({ htm: 'POST', htu: url, accessToken: token })
    const headers = { authorization: `DPoP ${token}`, dpop, 'content-type': 'application/json' }
    const send = async (): Promise<number> => {
      const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
      return (await fetch(url, { method: 'POST', headers, body })).status
    }
    await send()
    events = []
    expect(await send()).toBe(401)
    expect(reasons()).toEqual(['replayed_proof'])
  })
})
