import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { typeOf } from '../../lib/signals/event-types.js'
import { FUZZ_RUNS } from '../support/runs.js'
import { startSignalReceiver, type SignalReceiver } from '../support/signals.js'

const NAMES = ['session-revoked', 'credential-change', 'account-disabled', 'verification', 'x']
const FORMATS = ['iss_sub', 'opaque', 'email', 'jwt_id', 'aliases', 'complex', 'fax']
const WORDS = ['iss', 'sub', 'id', 'user', 'session', 'identifiers', 'format', '__proto__', 'jti']

/** Subjects that a transmitter may sign which has lost its mind. */
const oddSubject = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>('https://issuer.test', 'nobody', '', 0, null, true),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('subject'),
  ),
  subject: fc
    .tuple(
      fc.constantFrom(...FORMATS),
      fc.dictionary(fc.constantFrom(...WORDS), tie('value'), { maxKeys: 4 }),
    )
    .map(([format, members]) => ({ format, ...members })),
})).subject

describe('a security event that is signed', () => {
  let receiver: SignalReceiver
  beforeAll(async () => {
    receiver = await startSignalReceiver()
  })
  afterAll(() => receiver.close())

  it('is taken or refused by a code of the standard, whatever it holds, and ends nobody else', async () => {
    const { transmitter, issuer } = receiver
    const token = issuer.token()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.oneof(oddSubject, fc.jsonValue()),
        fc.dictionary(fc.constantFrom('claims', 'change_type', 'event_timestamp'), fc.jsonValue()),
        async (name, subject, payload) => {
          const events = { [typeOf(name) ?? `urn:${name}`]: payload }
          const claims = { sub_id: subject, events }
          const answer = await receiver.push(transmitter.securityEvent(name, { claims }))
          expect(answer).toMatch(/^(?:202|400 (?:invalid_request|access_denied|invalid_state))$/)
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
    expect(await receiver.get(token)).toBe(200)
  })
})
