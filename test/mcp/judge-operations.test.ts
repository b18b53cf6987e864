import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { AuthError } from '../../lib/core/verdicts/errors.js'
import { judgeOperations } from '../../lib/mcp/judge-operations.js'
import { compileRules } from '../../lib/mcp/scope-rules.js'
import { authWith } from '../support/behind-bearer.js'

const rules = compileRules(optionCheck('protectMcp'), {
  scopes: 'mcp',
  tools: { wipe: ['write', 'admin'] },
})
const call = (name: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name } })

interface Asked {
  readonly scopes: string[]
  readonly method?: string
  readonly text?: string
  readonly headers?: Record<string, string>
}

/** The verdict in words, and whether the body was read for it. */
async function judged({
  scopes,
  method = 'POST',
  text = call('list'),
  headers = {},
}: Asked): Promise<string> {
  const req = Object.assign(Readable.from([Buffer.from(text)], { objectMode: false }), {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    complete: true,
  })
  const verdict = await judgeOperations(
    req as unknown as IncomingMessage,
    authWith({ scopes: new Set(scopes) }),
    rules,
  )
  if (verdict === undefined) return 'passes'
  if (verdict instanceof AuthError) return `${verdict.reason} ${verdict.scopes.join(' ')}`
  return `${verdict.fault.error.detail} (${verdict.id})`
}

describe('a message to an MCP server', () => {
  it.each<[string, Asked, string]>([
    [
      'passes with the scopes of its tool',
      { scopes: ['mcp', 'write', 'admin'], text: call('wipe') },
      'passes',
    ],
    ['passes where its tool needs no more', { scopes: ['mcp'] }, 'passes'],
    [
      'is refused without the scopes of every request',
      { scopes: [], text: 'no JSON' },
      'scope_missing mcp',
    ],
    [
      'is refused without those of its tool, and all are named',
      { scopes: ['mcp', 'write'], text: call('wipe') },
      'scope_missing mcp write admin',
    ],
    [
      'is refused by its headers before its body is read',
      {
        scopes: ['mcp'],
        text: 'no JSON',
        headers: { 'mcp-method': 'tools/call', 'mcp-name': 'wipe' },
      },
      'scope_missing mcp write admin',
    ],
    [
      'is not let through by headers that name another tool',
      { scopes: ['mcp'], text: call('wipe'), headers: { 'mcp-name': 'list' } },
      'scope_missing mcp write admin',
    ],
    [
      'is refused where headers and body differ',
      { scopes: ['mcp'], headers: { 'mcp-name': 'other' } },
      'Mcp-Name is not the name in the body (7)',
    ],
    [
      'is refused where a header is badly encoded',
      { scopes: ['mcp'], headers: { 'mcp-name': '=?base64?Y?=' } },
      'Mcp-Name is badly encoded (null)',
    ],
    [
      'is refused where it is no JSON',
      { scopes: ['mcp'], text: 'x' },
      'the body is no JSON (null)',
    ],
    [
      'is refused where its tool is no name',
      { scopes: ['mcp'], text: call(7) },
      'what the message works on is no name (7)',
    ],
    ['without a body has none to judge', { scopes: ['mcp'], method: 'GET', text: 'x' }, 'passes'],
    [
      'without a body needs its scopes all the same',
      { scopes: [], method: 'DELETE', text: 'x' },
      'scope_missing mcp',
    ],
    [
      'by GET with a body is judged by it',
      { scopes: ['mcp'], method: 'GET', text: call('wipe'), headers: { 'content-length': '9' } },
      'scope_missing mcp write admin',
    ],
    [
      'by GET with a body in pieces is judged by it',
      {
        scopes: ['mcp'],
        method: 'HEAD',
        text: call('wipe'),
        headers: { 'transfer-encoding': 'chunked' },
      },
      'scope_missing mcp write admin',
    ],
    [
      'by GET of no length has none',
      {
        scopes: ['mcp'],
        method: 'OPTIONS',
        text: call('wipe'),
        headers: { 'content-length': '0' },
      },
      'passes',
    ],
  ])('%s', async (_name, asked, expected) => {
    expect(await judged(asked)).toBe(expected)
  })
})
