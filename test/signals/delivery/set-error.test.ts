import { expect, it } from '@jest/globals'
import { AuthError, type AuthErrorReason } from '../../../lib/core/verdicts/errors.js'
import { setError } from '../../../lib/signals/delivery/set-error.js'

it.each<[AuthErrorReason, string]>([
  ['unknown_issuer', 'invalid_issuer'],
  ['wrong_audience', 'invalid_audience'],
  ['algorithm_not_allowed', 'invalid_key'],
  ['unknown_key', 'invalid_key'],
  ['compromised_key', 'invalid_key'],
  ['bad_signature', 'authentication_failed'],
  ['sender_unauthenticated', 'authentication_failed'],
  ['foreign_subject', 'access_denied'],
  ['unexpected_state', 'invalid_state'],
  ['malformed_event', 'invalid_request'],
  ['malformed_subject', 'invalid_request'],
  ['expired', 'invalid_request'],
])('%s is told to a transmitter as %s, and no more (SET-15)', (reason, err) => {
  const detail = 'the exact fault'
  const told = setError(new AuthError('invalid_token', { reason, detail }))
  expect(told).toEqual({ err, description: expect.stringMatching(/^The \w/) })
  expect(told.description).not.toContain(detail)
})
