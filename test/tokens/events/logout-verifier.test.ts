import { createHmac } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { AuthError } from '../../../lib/index.js'
import {
  createLogoutVerifier,
  LOGOUT_TOKEN_OPTION_NAMES,
} from '../../../lib/tokens/events/logout-verifier.js'
import { encode } from '../../support/forge.js'
import { LOGOUT_EVENT } from '../../support/logout.js'
import { manualTimer } from '../../support/manual-timer.js'
import { ISSUER, NOW } from '../../support/policy.js'

const SECRET = Buffer.alloc(32, 1)

function create(options: Readonly<Record<string, unknown>> = {}) {
  const all = { issuer: ISSUER, clientId: 'client', secret: SECRET, ...options }
  const context = { check: optionCheck('backChannelLogout'), timer: manualTimer(), emit() {} }
  return createLogoutVerifier(all, () => NOW, context)
}

/** A logout token by the shared secret; undefined leaves a claim out. */
function signed(changes: Readonly<Record<string, unknown>> = {}): string {
  const claims = {
    iss: ISSUER,
    aud: 'client',
    iat: NOW,
    exp: NOW + 60,
    jti: 'id',
    sid: 'session',
    events: { [LOGOUT_EVENT]: {} },
    ...changes,
  }
  const input = `${encode({ alg: 'HS256' })}.${encode(claims)}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

/** What a verifier with these options makes of a token: the token, or reason and detail. */
async function verified(
  changes: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  const outcome = await create(options).verify(signed(changes))
  return outcome instanceof AuthError ? [outcome.reason, outcome.detail] : outcome
}

describe('createLogoutVerifier', () => {
  it('tells which session ended (BCL-12)', async () => {
    expect(await verified({ sub: 'user-1' })).toEqual({
      issuer: ISSUER,
      revocationIssuer: ISSUER,
      subject: 'user-1',
      sessionId: 'session',
      issuedAt: NOW,
    })
  })

  it.each([
    ['600 s by default', {}, 605],
    ['what it is told', { maxAgeSeconds: 60 }, 65],
  ])('takes tokens of an age of %s, and the tolerance (BCL-09)', async (_name, options, age) => {
    expect(await verified({ iat: NOW - age }, options)).toMatchObject({ issuedAt: NOW - age })
    expect(await verified({ iat: NOW - age - 1 }, options)).toMatchObject({ 0: 'too_old' })
  })

  it('tells the log who is meant where it is not us (BCL-07, BCL-08)', async () => {
    expect(await verified({ aud: ['client', 'x'] })).toEqual([
      'wrong_audience',
      'Expected the client ["client"], got ["client","x"]',
    ])
    expect(await verified({ iss: 'https://x.test' })).toEqual([
      'unknown_issuer',
      `Expected issuer ${ISSUER}, got https://x.test`,
    ])
    expect(await verified({ iss: undefined })).toMatchObject({ 1: expect.stringMatching(/none$/) })
    expect(await verified({ sid: undefined })).toMatchObject({
      0: 'missing_claim',
      1: expect.stringContaining('"sub" or "sid"'),
    })
  })

  it('takes RS256 by default, and with a secret HS256 (BCL-17)', async () => {
    expect(await verified({}, { algorithms: ['HS512'] })).toMatchObject({
      0: 'algorithm_not_allowed',
    })
    const { keys } = create({ secret: undefined })
    keys.close()
    expect(() => create({ secret: undefined, algorithms: ['HS256'] })).toThrow(/"algorithms" must/)
    expect(await verified({}, { secret: undefined })).toMatchObject({ 0: 'algorithm_not_allowed' })
  })

  it.each<[string, readonly unknown[]]>([
    ['issuer', ['', undefined, [ISSUER, [ISSUER]]]],
    ['clientId', ['', [], undefined, [7]]],
    ['maxAgeSeconds', [0, 86_401, '600', null]],
    ['allowMissingExp', ['yes', 1, null]],
    ['requireEncryption', ['yes', 1, null, true]],
  ])('refuses a bad "%s" at construction', (name, values) => {
    for (const value of values) {
      expect(() => create({ [name]: value })).toThrow(
        new RegExp(`^backChannelLogout: "${name}" must `),
      )
    }
  })

  it('takes the limits themselves', () => {
    for (const maxAgeSeconds of [1, 86_400]) expect(() => create({ maxAgeSeconds })).not.toThrow()
    expect(() => create({ requireEncryption: false, allowMissingExp: true })).not.toThrow()
  })

  it('names each of its options', () => {
    expect(LOGOUT_TOKEN_OPTION_NAMES.join(' ')).toBe(
      'issuer clientId discoveryUrl jwksUri jwks secret decryptionKeys algorithms requireEncryption clockToleranceSeconds maxAgeSeconds allowMissingExp keyCache network fetchKeys',
    )
  })
})
