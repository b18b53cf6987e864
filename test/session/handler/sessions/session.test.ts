import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { createSeal } from '../../../../lib/http/secrets/seal.js'
import {
  createSessionCodec,
  type Session,
} from '../../../../lib/session/handler/sessions/session.js'

const SESSION: Session = {
  key: 'key',
  subject: 'alice',
  sessionId: 'session of alice',
  startedAt: 1,
  expiresAt: 9,
  claims: { name: 'Alice' },
  idToken: 'id-token',
  accessToken: 'access-token',
  accessExpiresAt: 5,
  refreshedAt: 1,
  refreshToken: 'refresh-token',
  stepUp: 'mfa|',
}

function sealOf(secret = 'a secret of the tests, long enough'): ReturnType<typeof createSeal> {
  return createSeal(optionCheck('test'), 'secrets', [secret], 'session')
}

const seal = sealOf()
const codec = createSessionCodec(seal)

function stored(record: string): { record: string; version: number; idleExpiresAt: number } {
  return { record, version: 3, idleExpiresAt: 7 }
}

describe('the record of a session', () => {
  it('comes back as it was, with what the store says of it', () => {
    const found = codec.decode('key', stored(codec.encode(SESSION)))
    expect(found).toEqual({ session: SESSION, version: 3, idleExpiresAt: 7 })
  })

  it('says nothing to who has the store alone', () => {
    expect(codec.encode(SESSION)).not.toMatch(/alice|token/i)
  })

  it('does not open where it was moved to another session', () => {
    expect(codec.decode('other', stored(codec.encode(SESSION)))).toBeUndefined()
  })

  it('does not open by another secret', () => {
    const other = createSessionCodec(sealOf('another secret, which is long enough'))
    expect(other.decode('key', stored(codec.encode(SESSION)))).toBeUndefined()
  })

  it.each([
    'null',
    '[]',
    '"key"',
    JSON.stringify({ ...SESSION, subject: 5 }),
    JSON.stringify({ ...SESSION, accessToken: null }),
    JSON.stringify({ ...SESSION, idToken: undefined }),
    JSON.stringify({ ...SESSION, claims: 'none' }),
  ])('is none where it holds %s: another version may have sealed it', (text) => {
    expect(codec.decode('key', stored(seal.seal(text)))).toBeUndefined()
  })
})
