import { describe, expect, it } from '@jest/globals'
import { mcpScopes } from '../../lib/mcp/mcp-scopes.js'

describe('mcpScopes', () => {
  it.each<[string, string[] | undefined, boolean]>([
    ['asks who has none of them', [], true],
    ['asks who has one of them', ['a'], true],
    ['asks who has no token', undefined, true],
    ['asks nobody who has all of them', ['b', 'c', 'a'], false],
  ])('%s', (_name, scopes, asks) => {
    const challenge = mcpScopes(['a', 'b'])({ authInfo: scopes && { scopes } })
    expect(challenge).toEqual(asks ? { scopes: ['a', 'b'] } : undefined)
  })

  it.each<[unknown, string]>([
    [[], '"scopes" must name a scope'],
    ['', '"scopes" must be a non-empty string'],
    ['a"b', '"scopes" must be scopes like "notes:read"'],
  ])('refuses %j', (scopes, complaint) => {
    expect(() => mcpScopes(scopes as string)).toThrow(`mcpScopes: ${complaint}`)
  })
})
