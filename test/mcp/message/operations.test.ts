import { describe, expect, it } from '@jest/globals'
import { Fault } from '../../../lib/mcp/message/fault.js'
import {
  canonicalUri,
  idOf,
  messagesIn,
  type McpMessage,
} from '../../../lib/mcp/message/operations.js'

const message = (method: string, params?: unknown): object => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  ...(params === undefined ? {} : { params }),
})
const detailOf = (body: unknown): string | undefined => {
  const found = messagesIn(body)
  return found instanceof Fault ? found.error.detail : undefined
}
const targetsOf = (body: unknown): string[] =>
  (messagesIn(body) as McpMessage[]).flatMap(({ operations }) =>
    operations.map(({ kind, name }) => `${kind} ${name}`),
  )
/** JSON can hold this name, an object literal cannot. */
const poisoned = (text: string): unknown => JSON.parse(text)

describe('what a message works on', () => {
  it.each<[object, string[]]>([
    [message('tools/call', { name: 'a' }), ['tool a']],
    [message('prompts/get', { name: 'a' }), ['prompt a']],
    [message('resources/read', { uri: 'NOTES://B' }), ['resource notes://B']],
    [message('resources/subscribe', { uri: 'b' }), ['resource b']],
    [message('resources/unsubscribe', { uri: 'b' }), ['resource b']],
    [message('resources/directory/read', { uri: 'b/' }), ['resource b/']],
    [message('skills/get', { uri: 'SKILL://b/SKILL.md' }), ['resource skill://b/SKILL.md']],
    [message('completion/complete', { ref: { type: 'ref/prompt', name: 'a' } }), ['prompt a']],
    [message('completion/complete', { ref: { type: 'ref/resource', uri: 'b' } }), ['resource b']],
    [message('completion/complete', {}), []],
    [
      message('subscriptions/listen', { notifications: { resourceSubscriptions: ['b', 'c'] } }),
      ['resource b', 'resource c'],
    ],
    [message('subscriptions/listen', { notifications: {} }), []],
    [message('subscriptions/listen'), []],
    [message('tools/call', {}), []],
    [message('tools/call'), []],
    [message('tools/list', { name: 'a' }), []],
    [message('constructor', { name: 'a' }), []],
    [{ jsonrpc: '2.0', id: 1, result: {} }, []],
    [{ jsonrpc: '2.0', id: 1, error: {} }, []],
  ])('of %j is %j', (body, targets) => {
    expect(detailOf(body)).toBeUndefined()
    expect(targetsOf(body)).toEqual(targets)
  })

  it('comes with its method and what it was called with', () => {
    const params = { name: 'a', arguments: { x: 1 } }
    expect(messagesIn(message('tools/call', params))).toEqual([
      {
        method: 'tools/call',
        operations: [{ kind: 'tool', name: 'a', method: 'tools/call', params }],
      },
    ])
  })

  it('is read of each message of a list, a hundred at most', () => {
    const list = (length: number): object[] =>
      Array.from({ length }, (_, n) => message('tools/call', { name: `${n}` }))
    expect(targetsOf(list(100))).toHaveLength(100)
    expect(detailOf(list(101))).toBe('more than 100 messages in one list')
    expect(detailOf([])).toBe('the list of messages is empty')
    expect(detailOf([message('ping'), 7])).toBe('not a JSON-RPC 2.0 message')
  })
})

describe('a message is refused', () => {
  const NO_NAME = 'what the message works on is no name'
  it.each<[string, unknown, string]>([
    ['that is no object', 7, 'not a JSON-RPC 2.0 message'],
    ['that is null', null, 'not a JSON-RPC 2.0 message'],
    ['of another version', { jsonrpc: '1.0', method: 'ping' }, 'not a JSON-RPC 2.0 message'],
    ['whose version is inherited', Object.create({ jsonrpc: '2.0' }), 'not a JSON-RPC 2.0 message'],
    [
      'with a poisoned name',
      poisoned('{"jsonrpc":"2.0","method":"ping","__proto__":{}}'),
      'not a JSON-RPC 2.0 message',
    ],
    ['without a method', { jsonrpc: '2.0', id: 1 }, 'the message has no method'],
    ['with a method that is no text', { jsonrpc: '2.0', method: 7 }, 'the method is no string'],
    ['with arguments that are a list', message('tools/call', ['a']), NO_NAME],
    ['with poisoned arguments', message('ping', poisoned('{"__proto__":{"name":"a"}}')), NO_NAME],
    ['with a tool that is no name', message('tools/call', { name: 7 }), NO_NAME],
    ['with a resource that is no URI', message('resources/read', { uri: null }), NO_NAME],
    ['with a reference that is none', message('completion/complete', { ref: 'a' }), NO_NAME],
    [
      'with a reference of another type',
      message('completion/complete', { ref: { type: 'x', name: 'a' } }),
      NO_NAME,
    ],
    [
      'with a poisoned reference',
      message('completion/complete', { ref: poisoned('{"__proto__":{}}') }),
      NO_NAME,
    ],
    [
      'with a filter that is none',
      message('subscriptions/listen', { notifications: 'a' }),
      NO_NAME,
    ],
    [
      'with a poisoned filter',
      message('subscriptions/listen', { notifications: poisoned('{"__proto__":{}}') }),
      NO_NAME,
    ],
    [
      'with subscriptions that are no list',
      message('subscriptions/listen', { notifications: { resourceSubscriptions: 'a' } }),
      NO_NAME,
    ],
    [
      'with a subscription that is no URI',
      message('subscriptions/listen', { notifications: { resourceSubscriptions: ['a', 7] } }),
      NO_NAME,
    ],
  ])('%s', (_name, body, detail) => {
    expect(detailOf(body)).toBe(detail)
  })
})

describe('the id to answer to', () => {
  it.each<[unknown, string | number | null]>([
    [{ id: 'a' }, 'a'],
    [{ id: 0 }, 0],
    [{ id: {} }, null],
    [{ id: true }, null],
    [{}, null],
    [Object.create({ id: 1 }), null],
    [[{ id: 1 }], null],
    [null, null],
  ])('of %j is %j', (body, id) => {
    expect(idOf(body)).toBe(id)
  })
})

describe('a URI', () => {
  it.each([
    ['NOTES://A/../B', new URL('notes://A/../B').href],
    ['HTTPS://A.test:443/x/../y', 'https://a.test/y'],
    ['no uri', 'no uri'],
  ])('%s is known as %s', (uri, canonical) => {
    expect(canonicalUri(uri)).toBe(canonical)
  })
})
