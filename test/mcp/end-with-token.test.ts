import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { setAuthState } from '../../lib/http/guard/auth-state.js'
import { createResponder } from '../../lib/http/guard/responder.js'
import { endWithToken } from '../../lib/mcp/end-with-token.js'
import { authWith } from '../support/behind-bearer.js'

/** An answer of that type to a token of that end; whether it was cut off. */
function isCutOff(type: string | undefined, expiresAt: number): boolean {
  const req = new IncomingMessage(new Socket())
  const res = new ServerResponse(req)
  const auth = authWith({ expiresAt })
  const responder = createResponder(optionCheck('x'), { clock: () => 1000 })
  setAuthState(req, { auth, token: { auth }, responder, res })
  endWithToken(req, res)
  if (type !== undefined) res.setHeader('Content-Type', type)
  expect(res.writeHead(200, { 'X-Other': 'a' })).toBe(res)
  expect(res.getHeader('x-other') ?? 'a').toBe('a')
  return res.destroyed
}

describe('an answer of an MCP server', () => {
  it.each<[string, string | undefined, number, boolean]>([
    ['is cut off with its token where it is a stream', 'text/event-stream', 999, true],
    ['in any spelling of the type', 'Text/Event-Stream; charset=utf-8', 999, true],
    ['goes on while the token is good', 'text/event-stream', 2000, false],
    ['goes on where it is no stream', 'application/json', 999, false],
    ['goes on where it is of a type that begins alike', 'text/event-streams', 999, false],
    ['goes on where it has no type', undefined, 999, false],
  ])('%s', async (_name, type, expiresAt, cutOff) => {
    const before = isCutOff(type, expiresAt)
    expect(before).toBe(cutOff)
  })
})
