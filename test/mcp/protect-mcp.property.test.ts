import { afterAll, beforeAll, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { createTestIssuer } from '../../lib/testing.js'
import { post, REVISIONS, startMcp, type McpApi } from '../support/mcp-server.js'
import { FUZZ_RUNS } from '../support/runs.js'

const issuer = createTestIssuer()
let api: McpApi
let token: string

beforeAll(async () => {
  api = await startMcp(issuer, { advice: false })
  token = issuer.token({ aud: api.resource, scope: 'mcp', exp: 4_000_000_000 })
})

afterAll(async () => {
  await api.close()
})

/** What a token for `mcp` alone must not be able to use. */
const FORBIDDEN = ['add-note', 'purge-notes', 'notes://secret/', 'summary']

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('read-notes', ...FORBIDDEN, 'NOTES://secret/./') },
  fc.constantFrom('__proto__', 'constructor', 'purge-notes ', 'Purge-Notes', 'notes://secret'),
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom(...FORBIDDEN).map((inner) => [inner]),
)
const method = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('tools/call', 'prompts/get', 'resources/read') },
  fc.constantFrom(
    'completion/complete',
    'subscriptions/listen',
    'tools/list',
    'ping',
    'initialize',
  ),
  fc.jsonValue({ maxDepth: 0 }),
)
const member = fc.constantFrom('name', 'uri', '__proto__', 'ref', 'arguments', '_meta', 'NAME')
const value = fc.oneof(
  name,
  name.map((inner) => ({ name: inner, uri: inner })),
)
/** As text, so that names may occur twice: mostly of a good call, with something odd in it. */
const params = fc
  .tuple(
    fc.constantFrom('name', 'uri'),
    name,
    fc.array(fc.tuple(member, value), { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([named, first, others, isLast]) => {
    const members = isLast ? [...others, [named, first]] : [[named, first], ...others]
    return `{${members.map((pair) => pair.map((x) => JSON.stringify(x)).join(':')).join()}}`
  })
const message = fc
  .tuple(method, fc.oneof({ weight: 5, arbitrary: params }, fc.json({ maxDepth: 2 })), fc.nat(3))
  .map(
    ([called, with_, id]) =>
      `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(called)},"params":${with_}}`,
  )
const body = fc.oneof(
  { weight: 4, arbitrary: message },
  fc.array(message, { maxLength: 4 }).map((list) => `[${list.join()}]`),
  fc.tuple(message, fc.nat(200)).map(([text, at]) => text.slice(0, at)),
  fc.json(),
)
const headers = fc.record(
  {
    'mcp-protocol-version': fc.constantFrom(...REVISIONS),
    'mcp-method': fc.constantFrom('tools/call', 'prompts/get', 'ping'),
    'mcp-name': fc.constantFrom(
      'read-notes',
      ...FORBIDDEN,
      '=?base64?cmVhZC1ub3Rlcw==?=',
      '=?base64?!?=',
    ),
  },
  { requiredKeys: [] },
)

it('lets nobody use by any message what the token does not grant, and answers each once', async () => {
  await fc.assert(
    fc.asyncProperty(body, headers, async (text, named) => {
      api.events.length = 0
      const response = await post(api, { token, body: text, headers: named })
      expect([200, 202, 400, 403, 404]).toContain(response.status)
      expect(api.served.filter((used) => used !== 'read-notes')).toEqual([])
      const refusals = api.events.filter((event) => event.name === 'request.refused').length
      expect(refusals).toBeLessThanOrEqual(1)
      // Nothing was served to a request that was refused.
      expect(refusals * api.served.splice(0).length).toBe(0)
    }),
    { numRuns: Math.min(FUZZ_RUNS, 400) },
  )
})
