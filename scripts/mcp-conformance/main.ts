/* `npm run test:mcp`: the conformance suite of MCP against a server of the SDK, alone and behind protectMcp. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { hostHeaderValidation } from '@modelcontextprotocol/node'
import express, { type RequestHandler } from 'express'
import { protectMcp } from '../../lib/mcp.js'
import { startIssuer } from '../../tools/issuer.js'
import { referenceHandler } from '../../tools/mcp-reference/host.js'
import { installed } from '../issuers/install.js'

const SUITE = '@modelcontextprotocol/conformance'
const VERSION = '0.2.0-alpha.12'

const isForUs = hostHeaderValidation(['127.0.0.1', 'localhost'])
const issuer = await startIssuer()
const servers: Server[] = []

/** @returns the URL of the server, behind these guards. */
async function serve(guardsOf: (resource: string) => readonly RequestHandler[]): Promise<string> {
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

const tools = { test_simple_text: 'text:read', test_image_content: ['image:read'] }
const bare = await serve(() => [])
const tokens = new Map<string, string>()
const guarded = await serve((resource) => {
  const mcp = protectMcp({ resource, issuer: issuer.url, scopes: ['mcp'], tools })
  // The suite has no token to send yet.
  const authorized: RequestHandler = (req, _res, next) => {
    req.headers.authorization = `Bearer ${tokens.get(resource)}`
    next()
  }
  return [authorized, mcp.guard]
})
tokens.set(guarded, await issuer.token({ aud: guarded, scope: 'mcp text:read image:read' }))

/** By scenario: how many checks passed, and how many failed. */
type Report = ReadonlyMap<string, string>

async function run(folder: string, url: string): Promise<Report> {
  const suite = join(folder, 'node_modules', SUITE, 'dist/index.js')
  const hook = join(import.meta.dirname, 'old-node.js')
  const args = ['--import', hook, suite, 'server', '--url', url, '--suite', 'all', '-o', folder]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'exit')
  const lines = output.matchAll(/^[✓✗] (\S+): (\d+ passed, \d+ failed)/gmu)
  return new Map([...lines].map(([, scenario = '', counts = '']) => [scenario, counts]))
}

const folder = installed(SUITE, VERSION)
const [alone, behind] = await Promise.all([run(folder, bare), run(folder, guarded)])
for (const server of servers) server.close()
await issuer.close()

const rows = [...alone].map(([scenario, counts]) => ({
  scenario,
  'SDK alone': counts,
  'behind protectMcp': behind.get(scenario) ?? 'did not run',
}))
console.table(rows)
const worse = rows.filter((row) => row['SDK alone'] !== row['behind protectMcp'])
const green = [...behind.values()].filter((counts) => counts.endsWith(' 0 failed')).length
console.log(
  `${SUITE} ${VERSION}: ${green} of ${behind.size} scenarios pass, ${worse.length} differ`,
)
process.exitCode = rows.length > 50 && worse.length === 0 ? 0 : 1
