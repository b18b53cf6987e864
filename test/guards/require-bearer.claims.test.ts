import { describe, expect, it } from '@jest/globals'
import type { IssuerOptions } from '../../lib/index.js'
import { createTestIssuer, type TestClaims } from '../../lib/testing.js'
import { startApi } from '../../tools/api.js'

const issuer = createTestIssuer()

/** What an API with these options makes of a token with these claims, and the scope `read`. */
async function judged(
  options: Partial<IssuerOptions>,
  claims: TestClaims,
): Promise<{ status: number; reason: string | undefined; auth: Record<string, unknown> }> {
  const api = await startApi(issuer, options)
  try {
    const answer = await api.get(issuer.token({ scope: 'read', ...claims }))
    const auth = answer.body as Record<string, unknown>
    return { status: answer.status, reason: api.reason(), auth }
  } finally {
    await api.close()
  }
}

describe('requireBearer, by what it asks of claims', () => {
  it.each<[string, Partial<IssuerOptions>, TestClaims, string | undefined]>([
    ['a required claim that is there', { requiredClaims: ['tenant'] }, { tenant: 'a' }, undefined],
    ['one that is missing', { requiredClaims: ['tenant'] }, {}, 'missing_claim'],
    ['one that is null', { requiredClaims: ['tenant'] }, { tenant: null }, 'missing_claim'],
    ['one that is empty', { requiredClaims: ['tenant'] }, { tenant: '' }, 'missing_claim'],
    ['one that objects inherit', { requiredClaims: ['constructor'] }, {}, 'missing_claim'],
    ['the expected value', { expectedClaims: { env: 'prod' } }, { env: 'prod' }, undefined],
    ['one of several', { expectedClaims: { env: ['a', 'prod'] } }, { env: 'prod' }, undefined],
    ['another value', { expectedClaims: { env: 'prod' } }, { env: 'test' }, 'claim_mismatch'],
    ['no value', { expectedClaims: { env: 'prod' } }, {}, 'claim_mismatch'],
    ['a list that holds it', { expectedClaims: { env: 'prod' } }, { env: ['prod'] }, undefined],
    ['a list without it', { expectedClaims: { env: 'prod' } }, { env: ['a'] }, 'claim_mismatch'],
    ['the client', { clientId: ['web', 'app'] }, { client_id: 'app' }, undefined],
    ['the client in azp', { clientId: 'app' }, { azp: 'app', client_id: undefined }, undefined],
    ['another client', { clientId: 'web' }, { client_id: 'app' }, 'wrong_client'],
    ['no client', { clientId: 'web' }, { client_id: undefined }, 'wrong_client'],
    [
      'the client in a claim of its own',
      { clientId: 'web', claims: { clientId: 'cid' } },
      { cid: 'web', client_id: 'app' },
      undefined,
    ],
    [
      'client_id, where another claim counts',
      { clientId: 'web', claims: { clientId: 'cid' } },
      { client_id: 'web' },
      'wrong_client',
    ],
  ])('judges %s', async (_name, options, claims, reason) => {
    const verdict = await judged(options, claims)
    expect([verdict.status, verdict.reason]).toEqual([reason === undefined ? 200 : 401, reason])
  })
})

describe('requireBearer, by where the issuer puts things', () => {
  it('reads client, session, scopes and permissions from the claims that it is told', async () => {
    const options = {
      claims: {
        clientId: ['cid', 'appid'],
        sessionId: 'origin_jti',
        scope: 'rights',
        permissions: 'grants',
      },
    }
    const { auth } = await judged(options, {
      appid: 'web',
      origin_jti: 's-1',
      sid: 'other',
      scope: 'write',
      rights: 'read more',
      grants: ['notes:delete'],
      permissions: ['other'],
    })
    expect(auth).toMatchObject({
      clientId: 'web',
      sessionId: 's-1',
      scopes: ['read', 'more'],
      permissions: ['notes:delete'],
    })
  })
})
