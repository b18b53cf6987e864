import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../lib/core/options/option-check.js'
import type { McpKind, McpOperation } from '../../lib/mcp/message/operations.js'
import { compileRules } from '../../lib/mcp/scope-rules.js'
import { isVisible } from '../../lib/mcp/visible.js'

const asked: McpOperation[] = []
const rules = compileRules(optionCheck('protectMcp'), {
  scopes: 'mcp',
  tools: { wipe: 'write' },
  resources: { 'notes://b': 'read' },
  prompts(operation) {
    asked.push(operation)
    return operation.name === 'plan' ? 'plan' : undefined
  },
})

describe('what a caller may see', () => {
  it.each<[string, string[] | undefined, string, McpKind, boolean]>([
    ['nothing without a token', undefined, 'list', 'tool', false],
    ['nothing without the scopes of every request', [], 'list', 'tool', false],
    ['a tool that needs no more', ['mcp'], 'list', 'tool', true],
    ['no tool that needs more', ['mcp'], 'wipe', 'tool', false],
    ['that tool with its scope', ['mcp', 'write'], 'wipe', 'tool', true],
    ['a resource in any spelling', ['mcp', 'read'], 'NOTES://b', 'resource', true],
    ['no resource in another spelling without its scope', ['mcp'], 'NOTES://b', 'resource', false],
    ['a prompt by a function', ['mcp', 'plan'], 'plan', 'prompt', true],
    ['no prompt by a function', ['mcp'], 'plan', 'prompt', false],
  ])('is %s', (_name, scopes, name, kind, visible) => {
    expect(isVisible(rules, scopes && { scopes }, name, kind)).toBe(visible)
  })

  it('is asked of a function as the message would be', () => {
    asked.length = 0
    isVisible(rules, { scopes: new Set(['mcp']) }, 'plan', 'prompt')
    expect(asked).toEqual([
      { kind: 'prompt', name: 'plan', method: 'prompts/get', params: { name: 'plan' } },
    ])
  })

  it.each<[McpKind, string, string]>([
    ['tool', 'tools/call', 'name'],
    ['resource', 'resources/read', 'uri'],
  ])('of a %s is asked as %s, by its %s', (kind, method, member) => {
    const seen: McpOperation[] = []
    const option = { [`${kind}s`]: (operation: McpOperation) => void seen.push(operation) }
    isVisible(compileRules(optionCheck('x'), option), { scopes: [] }, 'NOTES://b', kind)
    const name = kind === 'resource' ? 'notes://b' : 'NOTES://b'
    expect(seen).toEqual([{ kind, name, method, params: { [member]: 'NOTES://b' } }])
  })
})
