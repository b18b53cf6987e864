import { describe, expect, it } from '@jest/globals'
import { Fault, type MessageFault } from '../../../lib/mcp/message/fault.js'

describe('a message that is none', () => {
  it.each<[MessageFault['kind'], number, string, string]>([
    ['parse', -32_700, 'Parse error', 'malformed_message'],
    ['invalid', -32_600, 'Invalid Request', 'malformed_message'],
    ['params', -32_602, 'Invalid params', 'malformed_message'],
    ['transport', -32_000, 'Bad Request', 'malformed_message'],
    ['mismatch', -32_020, 'Header mismatch', 'header_mismatch'],
  ])('of the kind %s is answered by JSON-RPC as %d', (kind, code, message, reason) => {
    const fault = new Fault({ kind, detail: 'it is odd' })
    const { status, headers, body } = fault.answer('id-1')
    expect(status).toBe(400)
    expect(JSON.parse(body)).toEqual({
      jsonrpc: '2.0',
      error: { code, message: `${message}: it is odd` },
      id: 'id-1',
    })
    expect(headers).toEqual([
      ['Cache-Control', 'no-store'],
      ['Content-Type', 'application/json'],
      ['Content-Length', String(body.length)],
    ])
    expect(fault.error).toMatchObject({ code: 'invalid_request', reason, detail: 'it is odd' })
  })

  it('may have another status, and no id', () => {
    const { status, headers, body } = new Fault({ kind: 'parse', detail: 'ü', status: 413 }).answer(
      null,
    )
    expect([status, (JSON.parse(body) as { id: unknown }).id]).toEqual([413, null])
    expect(headers.at(-1)).toEqual(['Content-Length', String(body.length + 1)])
  })
})
