import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { strictCors } from '../../lib/browser.js'
import {
  csrfGuard,
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  securityHeaders,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { HOSTS } from '../support/hosts.js'
import { rawRequest, type RunningServer } from '../../tools/server.js'

const APP = 'https://app.example'
const revocations = memoryRevocationStore()

const issuer = createTestIssuer()

/** A request, as header lines, and the answer that every host must give. */
type Row = readonly [
  name: string,
  method: 'GET' | 'POST' | 'OPTIONS',
  lines: (token: string) => readonly string[],
  status: number,
  error: string | undefined,
]

// prettier-ignore
const ROWS: readonly Row[] = [
  ['no token', 'GET', () => [], 401, undefined],
  ['a good token', 'GET', (token) => [`Authorization: Bearer ${token}`], 200, undefined],
  ['a bad token', 'GET', () => ['Authorization: Bearer a.b.c'], 401, 'invalid_token'],
  ['two Authorization lines', 'GET', (token) => [`Authorization: Bearer ${token}`, 'Authorization: Bearer x'], 400, 'invalid_request'],
  ['a cookie', 'GET', (token) => [`Cookie: at=${token}`], 200, undefined],
  ['two cookies', 'GET', (token) => [`Cookie: at=${token}; at=x`], 400, 'invalid_request'],
  ['a post by header', 'POST', (token) => [`Authorization: Bearer ${token}`], 200, undefined],
  ['a post by header from a foreign page', 'POST', (token) => [`Authorization: Bearer ${token}`, 'Sec-Fetch-Site: cross-site'], 403, 'csrf_cross_site'],
  ['a post by cookie', 'POST', (token) => [`Cookie: at=${token}`, 'Sec-Fetch-Site: same-origin'], 200, undefined],
  ['a post by cookie from a foreign page', 'POST', (token) => [`Cookie: at=${token}`, 'Sec-Fetch-Site: cross-site'], 403, 'csrf_cross_site'],
  ['a post by cookie from a trusted page', 'POST', (token) => [`Cookie: at=${token}`, 'Sec-Fetch-Site: cross-site', `Origin: ${APP}`], 200, undefined],
  ['a post by cookie from an old browser', 'POST', (token) => [`Cookie: at=${token}`, 'Origin: https://evil.example'], 403, 'csrf_origin_mismatch'],
  ['a post by cookie that names no origin', 'POST', (token) => [`Cookie: at=${token}`], 403, 'csrf_origin_missing'],
  ['an image of a foreign page', 'GET', (token) => [`Cookie: at=${token}`, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors'], 403, 'csrf_cross_site'],
  ['a preflight', 'OPTIONS', () => [`Origin: ${APP}`, 'Access-Control-Request-Method: POST'], 204, undefined],
]

describe.each(HOSTS)('the guards on $name', ({ start }) => {
  let server: RunningServer
  let token: string

  beforeAll(async () => {
    token = issuer.token({ scope: 'notes' })
    const trustedOrigins = [APP]
    server = await start([
      securityHeaders(),
      strictCors({ trustedOrigins, credentials: true }),
      csrfGuard({ trustedOrigins }),
      requireBearer({ ...issuer.options, cookie: { name: 'at', trustedOrigins } }),
      jtiBlocklist(revocations),
      requireScope('notes'),
    ])
  })

  afterAll(async () => {
    await server.close()
  })

  it.each(ROWS)('%s', async (_name, method, lines, status, error) => {
    const length = method === 'POST' ? ['Content-Length: 0'] : []
    const answer = await rawRequest(
      server.port,
      [...lines(token), ...length],
      `${method} /notes HTTP/1.1`,
    )
    const body = answer.body.startsWith('{') ? (JSON.parse(answer.body) as object) : {}
    expect([answer.status, 'error' in body ? body.error : undefined]).toEqual([status, error])
    for (const values of [answer.headers.get('x-frame-options'), answer.headers.get('vary')]) {
      expect(values).toHaveLength(1)
    }
    expect(answer.headers.get('content-security-policy')).toHaveLength(1)
    expect(answer.headers.has('x-powered-by')).toBe(false)
  })

  it('refuses a revoked token', async () => {
    const revoked = issuer.token({ scope: 'notes', jti: 'revoked', exp: 4_000_000_000 })
    await revocations.revokeToken({
      issuer: issuer.issuer,
      tokenId: 'revoked',
      expiresAt: 4_000_000_000,
    })
    const answer = await rawRequest(
      server.port,
      [`Authorization: Bearer ${revoked}`],
      'GET /notes HTTP/1.1',
    )
    expect(answer.status).toBe(401)
  })

  it('names the scope that a token lacks', async () => {
    const poor = issuer.token({ scope: 'read' })
    const answer = await rawRequest(
      server.port,
      [`Authorization: Bearer ${poor}`],
      'GET /notes HTTP/1.1',
    )
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')?.[0]).toContain('scope="notes"')
  })
})
