import { describe, expect, it } from '@jest/globals'
import { AuthError, type AuthErrorOptions } from '../../../lib/core/verdicts/errors.js'
import type { VerifiedToken } from '../../../lib/tokens/access/entries.js'
import { judgeByApp } from '../../../lib/tokens/access/validate.js'

const entry = { auth: { subject: 's' }, need: undefined } as unknown as VerifiedToken
const outage = new AuthError('temporarily_unavailable', { reason: 'keys_unavailable' })
const forbidden = new AuthError('insufficient_scope', { reason: 'role_missing' })
const anonymous = new AuthError('no_credential', { reason: 'no_credential', detail: 'why' })
const no = new Error('not you')

/** What becomes of an entry: itself, or the refusal. */
function judged(validate: (auth: unknown) => unknown): unknown {
  return judgeByApp(entry, validate)
}

describe('judgeByApp', () => {
  it('shows the rule of the app the verified token', async () => {
    const shown: unknown[] = []
    await judged((auth) => shown.push(auth))
    expect(shown).toEqual([entry.auth])
  })

  it.each([undefined, null, true, 0, '', 'no', {}])(
    'takes a token of which the rule says %p: it refuses by an error or by false',
    async (verdict) => {
      expect(await judged(() => verdict)).toBe(entry)
      expect(await judged(async () => verdict)).toBe(entry)
    },
  )

  it.each<[string, unknown, AuthError | Partial<AuthErrorOptions>]>([
    ['an error of its own', no, { reason: 'refused_by_validate', detail: 'not you' }],
    ['that nobody can tell', outage, outage],
    ['another refusal of ours', forbidden, forbidden],
    [
      'that there is no credential, which would let it pass as anonymous',
      anonymous,
      { reason: 'refused_by_validate', detail: anonymous.message },
    ],
  ])('refuses by %s, thrown, rejected or returned', async (_name, error, expected) => {
    const thrower = (): never => {
      throw error
    }
    for (const rule of [thrower, () => Promise.reject(error), () => error, async () => error]) {
      expect(await judged(rule)).toMatchObject(expected)
    }
  })

  it('refuses by false, at once or later', async () => {
    for (const rule of [() => false, async () => false]) {
      expect(await judged(rule)).toMatchObject({
        code: 'invalid_token',
        reason: 'refused_by_validate',
      })
    }
  })

  it('refuses by what is thrown and is no error', async () => {
    expect(await judged(() => Promise.reject('not you'))).toMatchObject({
      reason: 'refused_by_validate',
    })
  })
})
