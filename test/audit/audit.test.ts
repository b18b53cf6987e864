import { describe, expect, it } from '@jest/globals'
import { inspect } from 'node:util'
import { audit, type AuditRow } from '../../lib/audit.js'
import { tokenCookie } from '../../lib/browser.js'
import { fetchGuard } from '../../lib/fetch.js'
import {
  csrfGuard,
  jtiAllowlist,
  jtiBlocklist,
  memoryReplayStore,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  securityHeaders,
  type RequireBearerOptions,
} from '../../lib/index.js'
import { protectMcp } from '../../lib/mcp.js'

const BASE = { issuer: 'https://id.example.com', audience: 'https://api.example.com' }
const SECRET = Buffer.alloc(32, 'k')
const SEAL = 'a secret of at least thirty-two characters'

function bearer(options: Partial<RequireBearerOptions> = {}): object {
  return requireBearer({ ...BASE, ...options } as RequireBearerOptions)
}

function statusOf(rows: readonly AuditRow[], rule: string, asks = ''): string | undefined {
  return rows.find((row) => row.rule.includes(rule) && row.asks.includes(asks))?.status
}

describe('audit', () => {
  it('finds nothing missing in the smallest configuration, and says what could be stronger', () => {
    const rows = audit(bearer())
    expect(rows.filter(({ status }) => status === 'missing')).toEqual([])
    expect(statusOf(rows, 'ASVS 9.1.1')).toBe('met')
    expect(statusOf(rows, 'ASVS 9.2.3')).toBe('met')
    expect(statusOf(rows, 'RFC 9700 §2.2.1')).toBe('weak')
  })

  it('finds every rule met that a configuration can meet', () => {
    const cookie = tokenCookie({ seal: [SEAL] })
    const guards = [
      bearer({
        algorithms: ['ES256'],
        profile: 'rfc9068',
        cookie,
        throttle: {},
        origin: 'https://api.example.com',
        dpop: { mode: 'require', replay: memoryReplayStore() },
      }),
      jtiBlocklist(memoryRevocationStore()),
      requireScope('read'),
      securityHeaders(),
    ]
    const others = audit(...guards).filter(({ status }) => status !== 'met')
    expect(others.map(({ status, rule }) => [status, rule])).toEqual([
      ['unknown', 'RFC 8725 §3.8, ASVS 6.8.1, ASVS 10.3.3'],
    ])
  })

  it('asks for no denylist beside an allow-list, which asks all that a denylist does', () => {
    const rows = audit(bearer(), jtiAllowlist(memoryRevocationStore()))
    expect(statusOf(rows, 'ASVS 7.4.1')).toBe('met')
    expect(statusOf(rows, 'ASVS 16.5.3')).toBe('met')
  })

  it.each<[string, object[], string, string, 'weak' | 'missing' | 'unknown']>([
    ['many algorithms', [bearer()], 'ASVS 9.1.2', '', 'weak'],
    ['a shared secret', [bearer({ secret: SECRET })], 'RFC 8725 §3.5', '', 'weak'],
    ['keys that never rotate', [bearer({ jwks: jwks() })], 'RFC 9700 §2.6', 'metadata', 'weak'],
    [
      'plain http',
      [
        bearer({
          issuer: 'http://id.internal',
          network: { dangerouslyAllowHttp: ['id.internal'] },
        }),
      ],
      'ASVS 12.3.1',
      '',
      'missing',
    ],
    [
      'clients in place of an audience',
      [bearer({ audience: false, clientId: 'c' })],
      'ASVS 9.2.3',
      '',
      'weak',
    ],
    [
      'a claim in place of an audience',
      [bearer({ audience: false, expectedClaims: { token_use: 'access' } })],
      'ASVS 9.2.3',
      '',
      'weak',
    ],
    ['types that do not tell', [bearer()], 'ASVS 9.2.2', '', 'weak'],
    ['ID tokens', [bearer({ profile: 'id_token' })], 'ASVS 9.2.2', '', 'weak'],
    ['a long tolerance', [bearer({ clockToleranceSeconds: 60 })], 'ASVS 9.2.1', '', 'weak'],
    ['no denylist', [bearer()], 'ASVS 7.4.1', '', 'weak'],
    [
      'a denylist that fails open',
      [bearer(), jtiBlocklist(memoryRevocationStore(), { onUnavailable: 'dangerouslyAllow' })],
      'ASVS 16.5.3',
      '',
      'missing',
    ],
    [
      'a denylist whose outage a function judges',
      [bearer(), jtiBlocklist(memoryRevocationStore(), { onUnavailable: () => 'refuse' })],
      'ASVS 16.5.3',
      '',
      'weak',
    ],
    [
      'a csrfGuard that only reports',
      [bearer({ cookie: '__Host-t' }), csrfGuard({ reportOnly: true })],
      'RFC 10017',
      'foreign page',
      'weak',
    ],
    ['a cookie without prefix', [bearer({ cookie: 't' })], 'ASVS 3.3.3', '', 'weak'],
    ['a cookie without seal', [bearer({ cookie: '__Host-t' })], 'RFC 10017', 'encrypted', 'weak'],
    ['no throttle', [bearer()], 'ASVS 2.4.1', '', 'weak'],
    ['anonymous requests', [bearer({ optional: true })], 'ASVS 8.3.1', '', 'weak'],
    ['no guard over rights', [bearer()], 'ASVS 10.3.2', '', 'weak'],
    [
      'a resolver of issuers',
      [requireBearer({ issuers: { allow: () => false, resolve: async () => undefined } })],
      'ASVS 9.1.3',
      '',
      'unknown',
    ],
    [
      'a verifier of the app',
      [requireBearer({ verifier: { verify: () => Promise.reject(new Error('none')) } })],
      'ASVS 9.1.1',
      '',
      'unknown',
    ],
  ])('notices %s, with a reason and a fix', (_name, guards, rule, asks, status) => {
    const row = audit(...guards).find(
      (each) => each.rule.includes(rule) && each.asks.includes(asks),
    )
    expect(row).toMatchObject({ status, why: expect.any(String), fix: expect.any(String) })
  })

  it('leaves out rules about what is not there', () => {
    const rows = audit(bearer())
    expect(rows.filter(({ asks }) => asks.includes('cookie'))).toEqual([])
  })

  it.each([
    ['fetchGuard', () => fetchGuard(BASE)],
    ['protectMcp', () => protectMcp({ ...BASE, resource: 'https://api.example.com/mcp' }).guard],
    [
      'several issuers',
      () => requireBearer({ issuers: [BASE, { ...BASE, issuer: 'https://b.test' }] }),
    ],
  ])('reads %s too', (_name, guard) => {
    expect(statusOf(audit(guard()), 'ASVS 9.2.3')).toBe('met')
  })

  it('sees the denylist of protectMcp, and its rules of scopes', () => {
    const revocations = memoryRevocationStore()
    const mcp = protectMcp({ ...BASE, resource: 'https://api.example.com/mcp', revocations })
    const rows = audit(mcp.guard)
    expect(statusOf(rows, 'ASVS 7.4.1')).toBe('met')
    expect(statusOf(rows, 'ASVS 10.3.2')).toBe('met')
  })

  it('tells no secret, to nobody who prints its rows or the guard', () => {
    const guard = bearer({ secret: SECRET, cookie: tokenCookie({ seal: [SEAL] }) })
    const shown = inspect([audit(guard), guard], { depth: 9, showHidden: true })
    expect(shown).not.toContain(SEAL)
    expect(shown).not.toContain(SECRET.toString())
  })

  it('throws where nothing judges tokens', () => {
    expect(() => audit(requireScope('read'))).toThrow(/hand in requireBearer/)
    expect(() => audit({})).toThrow(TypeError)
  })
})

function jwks(): { keys: object[] } {
  return {
    keys: [
      {
        kty: 'OKP',
        crv: 'Ed25519',
        // RFC 8037 appendix A.
        x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      },
    ],
  }
}
