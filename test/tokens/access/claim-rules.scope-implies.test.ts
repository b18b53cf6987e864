import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { requireBearer } from '../../../lib/index.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { startApi, type TestApi } from '../../../tools/api.js'

const issuer = createTestIssuer()
let api: TestApi

beforeAll(async () => {
  api = await startApi(issuer, {
    scopeImplies: { admin: ['write'], write: ['read'], loop: ['loop'] },
  })
})

afterAll(async () => {
  await api.close()
})

describe('scopeImplies', () => {
  it.each([
    ['read', 200],
    ['write', 200],
    ['admin', 200],
    ['loop', 403],
    ['other', 403],
    ['constructor', 403],
    ['__proto__', 403],
  ])('with the scope %s, a route that needs read answers %i', async (scope, status) => {
    expect((await api.get(issuer.token({ scope }))).status).toBe(status)
  })

  it('grants what a scope implies, step by step, and no more', async () => {
    const { body } = (await api.get(issuer.token({ scope: 'admin x' }))) as {
      body: { scopes: string[] }
    }
    expect(body.scopes).toEqual(['admin', 'x', 'write', 'read'])
  })

  it.each([
    ['a scope that is none', { 'a b': ['c'] }],
    ['an implied scope that is none', { a: ['"'] }],
    ['no list', { a: 1 as never }],
  ])('refuses %s at construction', (_name, scopeImplies) => {
    const options = { issuer: issuer.issuer, audience: 'a', scopeImplies }
    expect(() => requireBearer(options)).toThrow(/requireBearer: "scopeImplies/)
  })
})
