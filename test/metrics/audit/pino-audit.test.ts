import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals'
import { channel } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { pino, type Logger } from 'pino'
import { digest } from '../../../lib/core/events/events.js'
import { EVENT_CHANNEL, memoryRevocationStore, type AuthEvent } from '../../../lib/index.js'
import { pinoAudit, type AuditLogger, type Subscription } from '../../../lib/metrics.js'
import { auditRow, EVENT_ROWS } from '../../../lib/metrics/audit/owasp.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { startApi, type TestApi } from '../../../tools/api.js'

type Line = Readonly<Record<string, unknown>> & { readonly level: number }

const SECRET = 'an audit secret of at least 32 bytes'
const INFO = 30
const WARN = 40

const issuer = createTestIssuer()
let api: TestApi
let audit: Subscription
let lines: Line[]
const store = memoryRevocationStore()

/** A real pino, whose lines are kept. */
function logger(level = 'debug'): Logger {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Line)
      done()
    },
  })
  return pino({ level }, stream)
}

const refused = (code: string, reason: string, family = 'credential'): AuthEvent =>
  ({ name: 'request.refused', code, reason, family }) as unknown as AuthEvent

const methods = (write: () => unknown): AuditLogger => ({
  debug: write,
  info: write,
  warn: write,
  error: write,
})

beforeAll(async () => {
  api = await startApi(issuer, { store })
  await api.guard.ready()
})
afterAll(async () => {
  await api.close()
})
beforeEach(() => {
  lines = []
  audit = pinoAudit(logger(), { secret: SECRET })
})
afterEach(() => audit.stop())

describe('pinoAudit', () => {
  it('writes a record of an accepted token at debug, with who, what, where and when', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const token = issuer.token({ scope: 'read', sub: 'alice', jti: 'id-of-alice' })
    await fetch(`${api.url}/r`, { headers: { authorization: `Bearer ${token}`, traceparent } })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      level: 20,
      msg: 'bearer.accepted',
      event: 'bearer.accepted',
      owasp: 'authn_login_success',
      outcome: 'accepted',
      guard: 'requireBearer',
      issuer: issuer.issuer,
      client_id: 'client-1',
      transport: 'header',
      'http.request.method': 'GET',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
    })
    expect(lines[0]!['datetime']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    for (const field of ['enduser.pseudo.id', 'token.jti', 'client.address']) {
      expect(lines[0]![field]).toMatch(/^[\w-]{22}$/)
    }
  })

  it.each([
    ['expired', { exp: 1 }, 'session_use_after_expire', INFO],
    ['of another audience', { aud: 'other' }, 'authn_login_fail', INFO],
    ['without the scope', { scope: 'x' }, 'authz_fail', INFO],
    ['revoked', { jti: 'ended' }, 'authn_token_reuse', WARN],
  ])('tells of a token that is %s, and never as an error', async (_name, claims, owasp, level) => {
    await store.revokeToken({ issuer: issuer.issuer, tokenId: 'ended', expiresAt: 4e9 })
    await api.get(issuer.token(claims))
    expect(lines.at(-1)).toMatchObject({
      event: 'request.refused',
      outcome: 'refused',
      owasp,
      level,
    })
  })

  it('names the route by its pattern, where a router chose it', async () => {
    await api.get(issuer.token({ scope: 'x' }))
    expect(lines.at(-1)).toMatchObject({ guard: 'requireScope', 'http.route': '/r' })
  })

  it('holds no token, subject, id, address or header of the client', async () => {
    const claims = { scope: 'read', sub: 'alice@example.com', jti: 'secret-id', sid: 'secret-sid' }
    const token = issuer.token(claims)
    await api.get(token)
    await api.get(issuer.token({ ...claims, scope: 'x' }))
    await api.get(`${token}x`)
    const text = JSON.stringify(lines)
    expect(lines.length).toBe(4)
    expect(text).not.toMatch(/alice|secret-id|secret-sid|127\.0\.0\.1"|authorization|eyJ[\w-]+\./i)
    // Nor a digest that anybody could make of a subject that they guess.
    expect(text).not.toContain(digest('alice@example.com'))
    expect(text).not.toContain(digest('secret-id'))
  })

  it('hashes by the secret: the same in each process that has it, and nowhere else', async () => {
    const token = issuer.token({ scope: 'read', sub: 'alice' })
    const subjectOf = async (secret?: string): Promise<unknown> => {
      lines = []
      audit.stop()
      audit = pinoAudit(logger(), secret === undefined ? {} : { secret })
      await api.get(token)
      return lines[0]!['enduser.pseudo.id']
    }
    const first = await subjectOf(SECRET)
    expect(await subjectOf(SECRET)).toBe(first)
    expect(await subjectOf('another secret of at least 32 bytes!')).not.toBe(first)
    expect(await subjectOf()).not.toBe(await subjectOf())
  })

  it('tells addresses where that is asked for', async () => {
    audit.stop()
    audit = pinoAudit(logger(), { secret: SECRET, addresses: 'plain' })
    await api.get(issuer.token({ scope: 'read' }))
    expect(lines[0]!['client.address']).toBe('127.0.0.1')
  })

  it('keeps what an attacker writes on one line, and short', async () => {
    await api.get(issuer.token({ iss: `https://evil.test/\u0000\n${'a'.repeat(5000)}` }))
    const { detail } = lines.at(-1) as { readonly detail?: string }
    expect(detail).toBeDefined()
    expect(detail).toMatch(/^[ -~]*$/)
    expect(detail!.length).toBeLessThanOrEqual(403)
  })

  it('makes no record that the logger would not write', async () => {
    audit.stop()
    const info = logger('info')
    const debug = jest.spyOn(info, 'debug')
    audit = pinoAudit(info, { secret: SECRET })
    await api.get(issuer.token({ scope: 'read' }))
    expect(debug).not.toHaveBeenCalled()
    expect(lines).toEqual([])
  })

  it('makes an outage louder than a refusal', () => {
    channel(EVENT_CHANNEL).publish({
      name: 'revocation.state',
      store: 'r',
      state: 'lost',
      detail: 'd',
    })
    channel(EVENT_CHANNEL).publish({ name: 'revocation.state', store: 'r', state: 'ready' })
    expect(lines).toMatchObject([
      { level: 50, owasp: 'sys_monitor_disabled', store: 'r', state: 'lost', detail: 'd' },
      { level: INFO, owasp: 'sys_monitor_enabled', state: 'ready' },
    ])
  })

  it('knows every event there is', () => {
    const source = readFileSync('lib/core/events/auth-event.ts', 'utf8')
    const names = [...source.matchAll(/'([a-z]+\.[a-z_]+)'/g)].map(([, name]) => name)
    const known = [...Object.keys(EVENT_ROWS), 'request.refused']
    expect(names.length).toBeGreaterThan(15)
    expect(names.filter((name) => !known.includes(name!))).toEqual([])
  })

  it('calls things by names that the vocabulary has', () => {
    const rows = [
      ...Object.values(EVENT_ROWS),
      auditRow(refused('csrf_cross_site', 'csrf_cross_site')),
      auditRow(refused('invalid_request', 'malformed_request')),
      auditRow(refused('too_many_requests', 'rate_limited')),
      auditRow(refused('temporarily_unavailable', 'keys_unavailable', 'dependency')),
      auditRow(refused('invalid_dpop_proof', 'replayed_proof')),
      auditRow({ name: 'of another copy' } as unknown as AuthEvent),
    ]
    // https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html
    const vocabulary =
      'authn_login_success authn_login_fail authn_login_fail_max authn_impossible_travel authn_token_revoked authn_token_reuse authz_fail excess_rate_limit_exceeded input_validation_fail malicious_cors sequence_fail session_created session_renewed session_expired session_use_after_expire sys_monitor_disabled sys_monitor_enabled'.split(
        ' ',
      )
    expect(rows.map(({ owasp }) => owasp).filter((name) => !vocabulary.includes(name))).toEqual([])
  })
})

describe('a sink that fails', () => {
  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('disk full: eyJ')
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full: eyJ'))],
    ['never answers', () => new Promise(() => undefined)],
  ])('that %s never touches a request', async (_name, write) => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue()
    audit.stop()
    audit = pinoAudit(methods(write))
    const token = issuer.token({ scope: 'read' })
    expect((await api.get(token)).status).toBe(200)
    expect((await api.get(token)).status).toBe(200)
    expect((await api.get('x')).status).toBe(401)
    const told = emitWarning.mock.calls.map(([text]) => String(text))
    emitWarning.mockRestore()
    expect(told).toEqual(
      _name === 'never answers'
        ? []
        : ['pinoAudit: its sink failed (Error); events are being lost'],
    )
  })

  it('leaves the other sinks alone', async () => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const broken = pinoAudit(
      methods(() => {
        throw new Error('no')
      }),
    )
    await api.get(issuer.token({ scope: 'read' }))
    broken.stop()
    emitWarning.mockRestore()
    expect(lines).toHaveLength(1)
  })

  it.each([
    ['no logger', {}, {}, '"logger" must have debug, info, warn and error'],
    ['a short secret', methods(() => undefined), { secret: 'short' }, '"secret" must hold'],
    ['an unknown option', methods(() => undefined), { secrte: 'x' }, 'Did you mean "secret"?'],
  ])('is told of at construction: %s', (_name, sink, options: object, complaint) => {
    expect(() => pinoAudit(sink as AuditLogger, options)).toThrow(complaint)
  })
})
