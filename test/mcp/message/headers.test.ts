import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { Fault } from '../../../lib/mcp/message/fault.js'
import {
  judgeHeaders,
  namedHeaders,
  targetOf,
  type NamedHeaders,
} from '../../../lib/mcp/message/headers.js'
import type { McpKind, McpMessage } from '../../../lib/mcp/message/operations.js'

const named = (headers: object): NamedHeaders | Fault =>
  namedHeaders({ headers } as unknown as IncomingMessage)
const base64 = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`

describe('what the headers say of a message', () => {
  it.each<[string, object, NamedHeaders]>([
    ['is nothing where there are none', {}, { method: undefined, name: undefined }],
    [
      'is a method and a name',
      { 'mcp-method': ' tools/call ', 'mcp-name': 'list' },
      { method: 'tools/call', name: 'list' },
    ],
    [
      'is a name in base64',
      { 'mcp-name': base64('näme\n') },
      { method: undefined, name: 'näme\n' },
    ],
    [
      'is a name that looks a little like it',
      { 'mcp-name': '=?base64?YQ==' },
      { method: undefined, name: '=?base64?YQ==' },
    ],
    ['is all lines of several', { 'mcp-method': ['a', 'b'] }, { method: 'a, b', name: undefined }],
  ])('%s', (_name, headers, expected) => {
    expect(named(headers)).toEqual(expected)
  })

  it.each(['=?base64?YQ?=', '=?base64?YR==?=', '=?base64?Y Q==?=', '=?base64?-_==?='])(
    'is refused where the name is badly encoded: %s',
    (name) => {
      const fault = named({ 'mcp-name': name })
      expect(fault).toBeInstanceOf(Fault)
      expect((fault as Fault).error).toMatchObject({
        reason: 'header_mismatch',
        detail: 'Mcp-Name is badly encoded',
      })
    },
  )

  it.each<[NamedHeaders, [McpKind, string] | undefined]>([
    [{ method: 'tools/call', name: 'a' }, ['tool', 'a']],
    [{ method: 'prompts/get', name: 'a' }, ['prompt', 'a']],
    [{ method: 'resources/read', name: 'NOTES://B' }, ['resource', 'notes://B']],
    [{ method: 'tools/list', name: 'a' }, undefined],
    [{ method: 'tools/call', name: undefined }, undefined],
    [{ method: undefined, name: 'a' }, undefined],
  ])('%j name the target %j', (headers, target) => {
    expect(targetOf(headers)).toEqual(target)
  })
})

const call = (name: string, kind: McpKind = 'tool', method = 'tools/call'): McpMessage => ({
  method,
  operations: [{ kind, name, method, params: {} }],
})
const bare = (method: string | undefined): McpMessage => ({ method, operations: [] })

describe('headers and messages', () => {
  it.each<[string, NamedHeaders, McpMessage[], string | undefined]>([
    ['agree', { method: 'tools/call', name: 'a' }, [call('a')], undefined],
    [
      'agree where the headers say nothing',
      { method: undefined, name: undefined },
      [call('a')],
      undefined,
    ],
    [
      'agree on a resource in any spelling',
      { method: 'resources/read', name: 'NOTES://B' },
      [call('notes://B', 'resource', 'resources/read')],
      undefined,
    ],
    [
      'do not agree on the method',
      { method: 'tools/list', name: undefined },
      [call('a')],
      'Mcp-Method is not the method of the body',
    ],
    [
      'do not agree on one of several methods',
      { method: 'tools/call', name: undefined },
      [call('a'), bare('ping')],
      'Mcp-Method is not the method of the body',
    ],
    [
      'do not agree on an answer',
      { method: 'tools/call', name: undefined },
      [bare(undefined)],
      'Mcp-Method is not the method of the body',
    ],
    [
      'do not agree on the name',
      { method: 'tools/call', name: 'b' },
      [call('a')],
      'Mcp-Name is not the name in the body',
    ],
    [
      'do not agree on one of several names',
      { method: undefined, name: 'a' },
      [call('a'), call('b')],
      'Mcp-Name is not the name in the body',
    ],
    [
      'do not agree on a tool that is spelt like a URI',
      { method: undefined, name: 'NOTES://B' },
      [call('notes://B')],
      'Mcp-Name is not the name in the body',
    ],
    [
      'agree where a message works on nothing',
      { method: 'ping', name: 'b' },
      [bare('ping')],
      undefined,
    ],
  ])('%s', (_name, headers, messages, detail) => {
    expect(judgeHeaders(headers, messages)?.error.detail).toBe(detail)
  })
})
