import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import express, { type Express, type RequestHandler } from 'express'
import { protectMcp } from '../../../lib/mcp.js'
import { sendJson, startIssuer, type TestIssuer } from '../../../tools/issuer.js'
import { serve, type RunningServer } from '../../../tools/server.js'
import { doctor, linesOn, type DoctorRun } from '../../support/doctor.js'

let issuer: TestIssuer
let server: RunningServer
/** The MCP server of the moment. */
let app: Express

/** What clients are given. */
let url: string

/** Members of the metadata of the authorization server, to change. */
let metadata: Record<string, unknown>

beforeAll(async () => {
  issuer = await startIssuer()
  server = await serve((req, res) => void app(req, res))
  url = `${server.url}/mcp`
})

afterAll(async () => {
  await server.close()
  await issuer.close()
})

afterEach(() => {
  issuer.intercept = undefined
  listTools = listNoTools
})

const RESOURCE_PATH = '/.well-known/oauth-protected-resource'

const listNoTools: RequestHandler = (_req, res) => {
  res.json({ jsonrpc: '2.0', id: 1, result: { tools: [] } })
}

let listTools = listNoTools

function serverOfSdk(): McpServer {
  const tools = new McpServer({ name: 'notes', version: '1.0.0' })
  tools.registerTool('list-notes', {}, () => ({ content: [] }))
  return tools
}

/** A server whose every part is right, but for what is laid over it. */
function right(...over: RequestHandler[]): void {
  const mcp = protectMcp({ resource: url, issuer: issuer.url, audience: url, scopes: ['mcp'] })
  app = express().use(...over, mcp.metadata)
  app.all('/mcp', mcp.guard, listTools)
  metadata = {
    issuer: issuer.url,
    jwks_uri: `${issuer.url}/jwks`,
    authorization_endpoint: `${issuer.url}/authorize`,
    token_endpoint: `${issuer.url}/token`,
    code_challenge_methods_supported: ['S256'],
    client_id_metadata_document_supported: true,
  }
  issuer.intercept = (req, res) => {
    if (req.url !== '/.well-known/oauth-authorization-server') return false
    sendJson(res, metadata)
    return true
  }
}

/** Answers at these paths in place of the right server. */
function at(paths: readonly string[], answer: RequestHandler): RequestHandler {
  return (req, res, next) => void (paths.includes(req.path) ? answer(req, res, next) : next())
}

/** The metadata of the resource, with these changes. */
function resource(changes: Record<string, unknown>): RequestHandler {
  const body = { resource: url, authorization_servers: [issuer.url], ...changes }
  return at([RESOURCE_PATH, `${RESOURCE_PATH}/mcp`], (_req, res) => void res.json(body))
}

function challenging(value: string, status = 401): RequestHandler {
  return at(['/mcp'], (_req, res) => void res.status(status).set('WWW-Authenticate', value).end())
}

/** Throws the token back. */
const echo: RequestHandler = (req, res, next) => {
  const [, token] = req.get('authorization')?.split(' ') ?? []
  if (token === undefined) next()
  else res.status(403).set('WWW-Authenticate', `Bearer error="\\${token}", scope=${token}`).end()
}

async function look(token = '', ...more: string[]): Promise<DoctorRun> {
  const run = await doctor(['doctor', '--mcp', url, ...more], { token })
  expect(run.stderr).toBe('')
  expect(run.stdout).not.toMatch(/^ +at |node_modules|Error:/m)
  for (const part of token.split('.').filter((text) => text.length > 8)) {
    expect(run.stdout).not.toContain(part)
  }
  return run
}

function tokenFor(aud: string): Promise<string> {
  return issuer.token({ aud, scope: 'mcp' })
}

describe('doctor --mcp', () => {
  it('goes the whole way of a client at a right server, and finds nothing', async () => {
    right()
    const run = await look(await tokenFor(url))
    expect(run.stdout).not.toMatch(/^(?:FAILED|warning)/m)
    expect(run.code).toBe(0)
    expect(linesOn('challenge', run)[0]).toMatch(/^ok/)
    expect(linesOn('resource', run)[0]).toMatch(/^ok .* names http/)
    expect(linesOn('server', run)[0]).toMatch(/^ok/)
    expect(linesOn('clients', run)[0]).toMatch(/^ok .*by the URL of their own metadata/)
    expect(linesOn('token', run)[0]).toMatch(/^ok .*Accepted/)
    expect(linesOn('access', run)[0]).toMatch(/^ok .*takes this token: 200/)
  })

  it('prints no token that the server throws back', async () => {
    right(at(['/mcp'], echo))
    const run = await look(await tokenFor(url))
    expect(linesOn('access', run).join(' ')).toMatch(/403 .*\(the token\).*scope wanted/)
  })

  it('takes an authorization server that is named twice for one, and writes to no terminal', async () => {
    const named = `${issuer.url}/\u009B31m`
    right(resource({ authorization_servers: [named, named] }))
    metadata['issuer'] = named
    const anyOther = issuer.intercept!
    issuer.intercept = (req, res) => {
      if (req.url?.startsWith('/.well-known/') !== true) return anyOther(req, res)
      sendJson(res, metadata)
      return true
    }
    const run = await look(await tokenFor(url))
    expect(run.stdout).not.toMatch(/[^\n -~§]/)
    expect(linesOn('token', run)).not.toEqual([])
  })

  it('asks as clients of the newest revision ask, so that a server of the SDK answers 200', async () => {
    const handle = toNodeHandler(createMcpHandler(serverOfSdk))
    // Under `exactOptionalPropertyTypes` the types of the SDK fit no request of Node.
    listTools = (req, res) => void handle(req as never, res)
    right()
    const run = await look(await tokenFor(url))
    expect(linesOn('access', run)[0]).toMatch(/^ok .*takes this token: 200/)
  })

  it.each<[string, () => void, string, RegExp, RegExp]>([
    [
      'lets anybody in',
      () => right(at(['/mcp'], (_req, res) => void res.json({}))),
      'challenge',
      /200 without a token/,
      /Mount the guard on the path itself/,
    ],
    [
      'answers 500 without a token',
      () => right(at(['/mcp'], (_req, res) => void res.status(500).end())),
      'challenge',
      /500 without a token/,
      /Answer 401/,
    ],
    [
      'sends clients to a sign-in page',
      () => right(at(['/mcp'], (_req, res) => res.redirect('/login?state=secret'))),
      'challenge',
      /302, to \/login$/,
      /Let the path answer 401/,
    ],
    [
      'asks for a password',
      () => right(challenging('Basic realm="x"')),
      'challenge',
      /without a Bearer challenge/,
      /protectMcp/,
    ],
    [
      'does not say where its metadata are',
      () => right(challenging('Bearer scope="mcp"')),
      'challenge',
      /no resource_metadata/,
      /2025-06-18/,
    ],
    [
      'names metadata that are not there',
      () => right(challenging(`Bearer scope="mcp", resource_metadata="${server.url}/nowhere"`)),
      'resource',
      /Named by the challenge: .*404/,
      /Serve the metadata at/,
    ],
    [
      'has no metadata at all',
      () => right(challenging('Bearer'), (_req, res) => void res.status(404).end()),
      'resource',
      /no metadata of this resource/,
      /Mount protectMcp\(\)\.metadata/,
    ],
    [
      'names itself with a slash too many',
      () => right(resource({ resource: `${url}/` })),
      'resource',
      /names the resource http.*\/mcp\/, and clients are given http.*\/mcp$/,
      /byte for byte/,
    ],
    [
      'names itself by the scheme behind a proxy',
      () => right(resource({ resource: url.replace('http:', 'https:') })),
      'resource',
      /names the resource https:/,
      /byte for byte/,
    ],
    [
      'names no authorization server',
      () => right(resource({ authorization_servers: [] })),
      'resource',
      /names no authorization_servers/,
      /List the issuer/,
    ],
    [
      'names an authorization server of another name',
      () => {
        right()
        metadata['issuer'] = 'https://id.example.com'
      },
      'server',
      /metadata names "https:\/\/id.example.com"/,
      /Set "issuer"/,
    ],
    [
      'leads to an authorization server that does not name PKCE',
      () => {
        right()
        delete metadata['code_challenge_methods_supported']
      },
      'clients',
      /does not name S256/,
      /Publish \["S256"\]/,
    ],
    [
      'leads to one without logins',
      () => {
        right()
        delete metadata['authorization_endpoint']
      },
      'server',
      /lack authorization_endpoint/,
      /RFC 8414/,
    ],
  ])(
    'tells what is wrong and how to mend it where a server %s',
    async (_name, lay, check, detail, fix) => {
      lay()
      const run = await look()
      expect(run.code).toBe(1)
      const failed = run.stdout.split('\n').filter((line) => line.startsWith('FAILED'))
      expect(failed.some((line) => line.split(/ +/)[1] === check && detail.test(line))).toBe(true)
      expect(run.stdout).toMatch(fix)
      expect(run.stdout).not.toContain('secret')
      // Each fault has its cause and its fix, a line each.
      const blocks = run.stdout.split(/\n(?=\S)/).filter((block) => block.startsWith('FAILED'))
      for (const block of blocks) expect(block).toMatch(/\n +cause: \S.*\n +fix: +\S/)
    },
  )

  it('warns of clients that no one has registered, and of a challenge that says too much', async () => {
    right(
      challenging(
        `Bearer error="invalid_token", resource_metadata="${server.url}${RESOURCE_PATH}/mcp"`,
      ),
    )
    delete metadata['client_id_metadata_document_supported']
    const run = await look()
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(/warning +challenge +It says error="invalid_token"/)
    expect(run.stdout).toMatch(/warning +challenge +It names no scope/)
    expect(run.stdout).toMatch(/warning +clients +They cannot register/)
  })

  it('tells a token that is for something else, which the server refuses as well', async () => {
    right()
    const run = await look(await tokenFor('https://api.example.com'))
    expect(run.code).toBe(1)
    expect(linesOn('meaning', run)[0]).toMatch(/^FAILED .*Expected one of/)
    expect(linesOn('access', run)[0]).toMatch(/^ok .*401 .*as it should/)
  })

  it('tells a server that takes a token of another resource', async () => {
    right((req, res, next) => void (req.headers.authorization ? res.json({}) : next()))
    const run = await look(await tokenFor('https://api.example.com'))
    expect(run.code).toBe(1)
    expect(linesOn('access', run)[0]).toMatch(/^FAILED .*takes a token that is not for it/)
    expect(linesOn('access', run)[2]).toMatch(/Set "audience"/)
  })

  it('tells a server that refuses the token that its metadata ask for', async () => {
    right((req, res, next) => {
      if (req.headers.authorization === undefined) next()
      else res.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').end()
    })
    const run = await look(await tokenFor(url))
    expect(run.code).toBe(1)
    expect(linesOn('access', run)[0]).toMatch(/^FAILED .*401 to this token \(invalid_token\)/)
  })

  it('takes an audience that is not the URL, as with Entra ID', async () => {
    right()
    const run = await look(await tokenFor('11111111-2222'), '--audience', '11111111-2222')
    expect(linesOn('token', run)[0]).toMatch(/^ok/)
    expect(linesOn('access', run)[0]).toMatch(/^FAILED/)
  })

  it('tells a server that is down', async () => {
    const run = await doctor(['doctor', '--mcp', 'http://127.0.0.1:9/mcp'])
    expect(run.code).toBe(1)
    expect(linesOn('challenge', run)[0]).toMatch(/^FAILED .*ECONNREFUSED/)
  })

  it.each([
    [['--mcp', 'mcp'], /"mcp" must be the URL/],
    [
      ['--mcp', 'https://x.test', '--issuer', 'https://y.test', '--audience', 'z'],
      /leave out --issuer/,
    ],
  ])('ends with 2 where the command is wrong: %j', async (args, message) => {
    const run = await doctor(['doctor', ...args])
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(message)
  })
})
