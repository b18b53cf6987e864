import { describe, expect, it } from '@jest/globals'
import { UriTemplate } from '@modelcontextprotocol/server'
import { optionCheck } from '../../lib/core/options/option-check.js'
import { canonicalUri, type McpKind, type McpOperation } from '../../lib/mcp/message/operations.js'
import { compileRules, scopeList, type CompiledRules } from '../../lib/mcp/scope-rules.js'

const check = optionCheck('protectMcp')
const compile = (options: object): CompiledRules => compileRules(check, options)
const use = (kind: McpKind, name: string, params = {}): McpOperation => ({
  kind,
  name,
  method: 'any',
  params,
})

describe('the scopes that a message needs', () => {
  const rules = compile({
    scopes: 'mcp',
    tools: { list: 'read', wipe: ['write', 'admin'], free: [] },
    resources: { 'NOTES://a/../b': 'read' },
    prompts: { list: 'prompt' },
  })

  it.each<[string, McpOperation[], string[]]>([
    ['of none, those of every request', [], ['mcp']],
    ['of a tool, its own besides', [use('tool', 'wipe')], ['mcp', 'write', 'admin']],
    [
      'of several, each once',
      [use('tool', 'list'), use('resource', new URL('notes://a/../b').href)],
      ['mcp', 'read'],
    ],
    ['of a tool that needs no more', [use('tool', 'free')], ['mcp']],
    ['of an unknown tool', [use('tool', 'other')], ['mcp']],
    ['of another kind by that name', [use('prompt', 'list')], ['mcp', 'prompt']],
    [
      'of a name that objects inherit',
      [use('tool', '__proto__'), use('tool', 'constructor')],
      ['mcp'],
    ],
  ])('%s', (_name, operations, scopes) => {
    expect(rules.needed(operations)).toEqual(scopes)
    const byHeader = operations.flatMap(({ kind, name }) => rules.neededBy(kind, name))
    expect(new Set(['mcp', ...byHeader])).toEqual(new Set(scopes))
  })

  it('are all listed, each once', () => {
    expect(rules.listed).toEqual(['mcp', 'read', 'write', 'admin', 'prompt'])
    expect(rules.always).toEqual(['mcp'])
  })

  it('are none where there is no rule', () => {
    const none = compile({})
    expect([none.always, none.listed, none.needed([use('tool', 'x')])]).toEqual([[], [], []])
  })
})

describe('a rule that is a function', () => {
  it.each([
    ['notes://7/body', ['read']],
    ['NOTES://7/body', ['read']],
    ['notes://7/8/body', []],
    ['notes://7/other', []],
  ])('may go by a template of the SDK: %s needs %j', (uri, scopes) => {
    const template = new UriTemplate('notes://{id}/body')
    const rules = compile({
      resources: ({ name }: McpOperation) => (template.match(name) === null ? undefined : 'read'),
    })
    expect(rules.needed([use('resource', canonicalUri(uri))])).toEqual(scopes)
  })

  it('is asked about each message, and never by a header', () => {
    const rules = compile({
      tools: ({ params }: McpOperation) => (params['dry'] === true ? undefined : ['write', 'x y']),
    })
    expect(rules.listed).toEqual([])
    expect(rules.neededBy('tool', 'a')).toEqual([])
    expect(rules.needed([use('tool', 'a')])).toEqual(['write', 'x', 'y'])
    expect(rules.needed([use('tool', 'a', { dry: true })])).toEqual([])
  })

  it.each([[7], [{}], ['a"b'], [''], [Promise.resolve('read')]])(
    'fails where it says %p',
    (said) => {
      const rules = compile({ resources: () => said })
      expect(() => rules.needed([use('resource', 'a')])).toThrow(
        'protectMcp: "resources()" must be',
      )
    },
  )
})

describe('an option of rules', () => {
  it.each<[object, string]>([
    [{ tools: 'read' }, '"tools" must be an object or a function'],
    [{ prompts: ['read'] }, '"prompts" must be an object or a function'],
    [{ resources: { a: 7 } }, '"resources.a" must be a non-empty string'],
    [{ tools: { a: 'b"d' } }, '"tools.a" must be scopes like "notes:read"'],
    [{ scopes: 'read offline_access' }, '"scopes" must leave "offline_access" out'],
  ])('%j is refused', (options, complaint) => {
    expect(() => compile(options)).toThrow(`protectMcp: ${complaint}`)
  })

  it.each<[unknown, string[]]>([
    ['a b', ['a', 'b']],
    [
      ['a', 'b a'],
      ['a', 'b'],
    ],
    [[], []],
  ])('%j is the list %j', (value, list) => {
    expect(scopeList(check, 'scopes', value)).toEqual(list)
  })
})
