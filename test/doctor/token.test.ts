import { beforeAll, describe, expect, it } from '@jest/globals'
import { createTestIssuer } from '../../lib/testing.js'
import { doctor, linesOn, type DoctorRun } from '../support/doctor.js'

const issuer = createTestIssuer()
const other = createTestIssuer()

beforeAll(async () => {
  await issuer.listen()
  await other.listen()
})

const STEPS = ['form', 'issuer', 'header', 'time', 'meaning', 'signature', 'token']

/** What each step found: ok, FAILED, or '-' where it was not reached. */
function stepsOf(run: DoctorRun): string {
  return STEPS.map((step) => (linesOn(step, run)[0] ?? '-').split(' ')[0]).join(' ')
}

async function judge(token: string, ...more: string[]): Promise<DoctorRun> {
  const args = ['doctor', '--issuer', issuer.issuer, '--audience', issuer.audience, ...more]
  const run = await doctor(args, { token })
  // Never the token, nor a part of it that could be used.
  for (const part of token.split(/[.\s]/).filter((text) => text.length > 8)) {
    expect(run.stdout + run.stderr).not.toContain(part)
  }
  expect(run.stdout).not.toContain('user-1')
  expect(run.stdout + run.stderr).not.toMatch(/^ +at |node_modules/m)
  return run
}

const now = (): number => Math.floor(Date.now() / 1000)

describe('doctor, given a token on standard input', () => {
  it('walks a good token through every step, and says that it passes', async () => {
    const run = await judge(issuer.token())
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(stepsOf(run)).toBe('ok ok ok ok ok ok ok')
    expect(linesOn('signature', run)[0]).toContain('by the key key-1')
    expect(linesOn('header', run)[0]).toContain('alg ES256, typ at+jwt, kid key-1')
  })

  it('takes a token with the rest of its header, as people copy it', async () => {
    const run = await judge(`Authorization: Bearer ${issuer.token()}\n`)
    expect(stepsOf(run)).toBe('ok ok ok ok ok ok ok')
  })

  it.each([
    [
      'an expired token, whose signature is good all the same',
      () => issuer.token({ exp: now() - 3600 }),
      'ok ok ok FAILED ok ok FAILED',
      'expired',
      /expired 36\d\d s ago/,
      /Refresh the token/,
    ],
    [
      'a token for another API, which has expired as well',
      () => issuer.token({ aud: 'other', exp: now() - 3600 }),
      'ok ok ok FAILED FAILED ok FAILED',
      'expired',
      /expired/,
      /Refresh/,
    ],
    [
      'a token for another API',
      () => issuer.token({ aud: 'other' }),
      'ok ok ok ok FAILED ok FAILED',
      'wrong_audience',
      /Expected one of \["https:\/\/api.test"\], got \["other"\]/,
      /request this audience/,
    ],
    [
      'a token of an issuer that is not ours',
      () => other.token(),
      'ok FAILED - - - - FAILED',
      'unknown_issuer',
      /Expected issuer http/,
      /letter by letter/,
    ],
    [
      'a token of our issuer with a slash too many',
      () => issuer.token({ iss: `${issuer.issuer}/` }),
      'ok FAILED - - - - FAILED',
      'unknown_issuer',
      /only by a trailing slash/,
      /letter by letter/,
    ],
    [
      'a token by a key that nobody publishes',
      () => issuer.token({}, { kid: 'key-9' }),
      'ok ok ok ok ok FAILED FAILED',
      'unknown_key',
      /no key of this "kid"/,
      /Compare the "kid"/,
    ],
    [
      'a token by a key that only claims to be the published one',
      () => issuer.wrongKey(),
      'ok ok ok ok ok FAILED FAILED',
      'bad_signature',
      /signature/,
      /Request a token for this API/,
    ],
    [
      'a token of a kind that is not taken',
      () => issuer.token({}, { typ: 'logout+jwt' }),
      'ok ok FAILED ok ok - FAILED',
      'wrong_type',
      /"typ"/,
      /profile/,
    ],
    [
      'an ID token',
      () => issuer.token({ nonce: 'n' }, { typ: 'JWT' }),
      'ok ok ok ok FAILED ok FAILED',
      'not_an_access_token',
      /marks an ID token/,
      /Send the access_token/,
    ],
    [
      'a token of tomorrow',
      () => issuer.token({ iat: now() + 86_400, exp: now() + 90_000 }),
      'ok ok ok FAILED ok ok FAILED',
      'issued_in_future',
      /ahead of our clock/,
      /NTP/,
    ],
    [
      'an opaque token',
      () => 'ory_at_0123456789abcdef',
      'FAILED - - - - - FAILED',
      'malformed_token',
      /Is it an opaque token/,
      /Register this API/,
    ],
    [
      'a whole token response',
      () => '{"access_token": "x"}',
      'FAILED - - - - - FAILED',
      'malformed_authorization',
      /it is JSON/,
      /bare token/,
    ],
  ])(
    'tells why %s is refused, and how to mend it',
    async (_name, made, steps, reason, detail, fix) => {
      const run = await judge(made())
      expect(run).toMatchObject({ code: 1, stderr: '' })
      expect(stepsOf(run)).toBe(steps)
      const step = STEPS[steps.split(' ').indexOf('FAILED')] ?? ''
      const [found, cause, mended, more] = linesOn(step, run)
      expect(found).toMatch(detail)
      expect(cause).toMatch(/^cause: \S/)
      expect(mended).toMatch(fix)
      expect(more).toBe(`more:  docs/reasons.md#${reason}`)
      expect(linesOn('token', run)[0]).toContain(`(${reason})`)
    },
  )

  it.each([
    ['https://acme.eu.auth0.com/', { aud: 'https://acme.eu.auth0.com/userinfo' }, 'Auth0: let the'],
    ['https://id.corp.test/realms/acme', { aud: 'account' }, 'Keycloak: add an audience mapper'],
    [
      'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_A',
      { aud: undefined },
      '--client-id',
    ],
  ])('names the setting of the product where the issuer is %s', async (iss, claims, fix) => {
    const place = ['--jwks-uri', `${issuer.issuer}/jwks`, '--allow-loopback', '127.0.0.1']
    const args = ['doctor', '--issuer', iss, '--audience', issuer.audience, ...place]
    const run = await doctor(args, { token: issuer.token({ iss, ...claims }) })
    expect(run.code).toBe(1)
    expect(linesOn('meaning', run)[2]).toContain(fix)
  })

  it('tells a bound token from a bad one: the request must bring its proof', async () => {
    const run = await judge(issuer.token({ cnf: { jkt: 'x' } }))
    expect(run.code).toBe(1)
    expect(stepsOf(run)).toBe('ok ok ok ok ok ok FAILED')
    expect(linesOn('token', run)[2]).toMatch(/Configure "dpop" or "mtls"/)
  })

  it('answers for the outage, and not for the token, where keys cannot be had', async () => {
    await issuer.outage('500')
    const run = await judge(issuer.token())
    await issuer.recover()
    expect(run.code).toBe(1)
    expect(linesOn('token', run)[0]).toMatch(/503 temporarily_unavailable \(keys_unavailable\)/)
  })

  it('says nothing of a token where none came', async () => {
    const run = await judge('')
    expect(run.code).toBe(0)
    expect(linesOn('token', run)[0]).toMatch(/^skipped/)
  })

  it('tells a machine the reasons by name, and never the token', async () => {
    const run = await judge(issuer.token({ aud: 'other' }), '--json')
    const { ok, findings } = JSON.parse(run.stdout) as {
      readonly ok: boolean
      readonly findings: readonly { readonly check: string; readonly reason?: string }[]
    }
    expect(run.code).toBe(1)
    expect(ok).toBe(false)
    expect(findings.find(({ check }) => check === 'meaning')?.reason).toBe('wrong_audience')
  })
})
