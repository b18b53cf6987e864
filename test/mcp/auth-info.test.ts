import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { tokenIn, toMcpAuth } from '../../lib/mcp/auth-info.js'
import { authWith } from '../support/behind-bearer.js'

const place = {
  resource: 'https://mcp.test/a',
  resourceMetadataUrl: 'https://mcp.test/.well-known',
}

describe('what tools get to know of their caller', () => {
  const auth = authWith({ scopes: new Set(['a', 'b']), expiresAt: 5 })
  const info = toMcpAuth(auth, place, '')

  it('is all of the Auth, and what the SDK wants besides', () => {
    expect(info).toMatchObject({
      subject: 'user-1',
      expiresAt: 5,
      token: '',
      clientId: 'client-1',
      resource: new URL(place.resource),
      resourceMetadataUrl: place.resourceMetadataUrl,
    })
    expect(info.extra).toEqual(auth)
    expect(Object.isFrozen(info)).toBe(true)
  })

  it('has scopes that are a list, and can be asked as a set', () => {
    expect([...info.scopes]).toEqual(['a', 'b'])
    expect(info.scopes).toHaveLength(2)
    expect([info.scopes.has('a'), info.scopes.has('c'), info.scopes.size]).toEqual([true, false, 2])
    expect([...info.scopes.keys()]).toEqual(['a', 'b'])
    expect(() => info.scopes.push('c')).toThrow(TypeError)
    // What is written as JSON is the list alone.
    expect(JSON.stringify(info.scopes)).toBe('["a","b"]')
  })

  it('names no client where the token does not', () => {
    expect(toMcpAuth(authWith({ clientId: undefined }), place, 't')).toMatchObject({
      clientId: '',
      token: 't',
    })
  })

  it('names no metadata where there are none', () => {
    const bare = toMcpAuth(auth, { resource: place.resource }, '')
    expect(bare).not.toHaveProperty('resourceMetadataUrl')
  })
})

describe('the raw token of a request', () => {
  it.each<[Record<string, string | string[]>, string | undefined, string]>([
    [{ authorization: 'Bearer abc' }, undefined, 'abc'],
    [{ authorization: 'bearer   abc' }, undefined, 'abc'],
    [{ 'x-token': 'abc' }, 'X-Token', 'abc'],
    [{ 'x-token': 'Token abc', authorization: 'Bearer other' }, 'X-Token', 'abc'],
    [{}, undefined, ''],
    [{ authorization: '' }, undefined, ''],
    [{ authorization: ['Bearer abc'] }, undefined, ''],
  ])('of %j by the header %p is %j', (headers, name, token) => {
    expect(tokenIn({ headers } as unknown as IncomingMessage, name)).toBe(token)
  })
})
