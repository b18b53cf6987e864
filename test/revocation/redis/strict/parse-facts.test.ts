import { describe, expect, it } from '@jest/globals'
import type { RevocationFacts } from '../../../../lib/revocation/facts.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import type { Found } from '../../../../lib/revocation/redis/strict/batch.js'
import { parseFacts } from '../../../../lib/revocation/redis/strict/parse-facts.js'
import { RevocationUnavailable } from '../../../../lib/revocation/store.js'

const keys = createKeyNames('app', false)
const ISSUER = 'https://id.test'
const token = keys.entry('token', ISSUER, 'x')
const session = keys.entry('session', ISSUER, 'x')
const subject = keys.entry('subject', ISSUER, 'x')
const client = keys.entry('client', ISSUER, 'x')
const version = keys.entry('version', ISSUER, 'x')

describe('what the entries that are there say of a token', () => {
  it.each<[string, Found[], RevocationFacts]>([
    ['nothing', [], {}],
    ['its id', [[token, '1']], { token: true }],
    ['its session', [[session, '1']], { session: true }],
    [
      'its user, but for a session',
      [[subject, '12;s=-']],
      { subject: { notBefore: 12, sessions: new Map([['s', Number.NEGATIVE_INFINITY]]) } },
    ],
    ['its client', [[client, '12']], { client: 12 }],
    ['its version', [[version, '3']], { version: 3 }],
    ['its issuer', [[keys.all(ISSUER), '12']], { issuer: 12 }],
    ['everyone', [[keys.all(undefined), '12']], { all: 12 }],
    [
      'several at once',
      [
        [token, '1'],
        [client, '12'],
        [keys.all(ISSUER), '13'],
        [keys.all(undefined), '14'],
      ],
      { token: true, client: 12, issuer: 13, all: 14 },
    ],
  ])('%s', (_name, found, facts) => {
    expect(parseFacts(keys, found, undefined)).toEqual(facts)
    expect(parseFacts(keys, found, 99)).toEqual({ ...facts, floor: 99 })
  })

  it.each([token, session, subject, client, version, keys.all(ISSUER), keys.all(undefined)])(
    'is unknown where the record of %s cannot be read',
    (key) => {
      expect(() => parseFacts(keys, [[key, 'soon']], undefined)).toThrow(RevocationUnavailable)
    },
  )
})
