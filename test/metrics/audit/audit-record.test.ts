import { describe, expect, it } from '@jest/globals'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { refusalEvent, type AuthEvent } from '../../../lib/core/events/events.js'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import { createAuditRecord, type AuditRecord } from '../../../lib/metrics/audit/audit-record.js'

const record = createAuditRecord({
  hashed: (text) => `h(${text})`,
  sender: (address) => `s(${address})`,
})
const of = (event: object): AuditRecord => record(event as AuthEvent, 'owasp_name')

const request = (remoteAddress: string, more: object = {}): IncomingMessage =>
  Object.assign(
    new IncomingMessage({ remoteAddress } as Socket),
    { method: 'GET', url: '/n/7' },
    more,
  )

describe('an audit record', () => {
  it('has a time, the event and its name in the vocabulary', () => {
    expect(of({ name: 'keys.refreshed', issuer: 'i' })).toEqual({
      datetime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      event: 'keys.refreshed',
      owasp: 'owasp_name',
      issuer: 'i',
    })
  })

  it('is flat: the token stands beside the rest, ids by keyed hashes of what they are', () => {
    const token = { clientId: 'app', subjectDigest: 'd', tokenIdDigest: 'd', sessionIdDigest: 'd' }
    expect(of({ name: 'bearer.accepted', guard: 'g', durationMs: 2, token })).toMatchObject({
      outcome: 'accepted',
      guard: 'g',
      duration_ms: 2,
      client_id: 'app',
      'enduser.pseudo.id': 'h(subjectDigest d)',
      'token.jti': 'h(tokenIdDigest d)',
      'session.id': 'h(sessionIdDigest d)',
    })
  })

  it.each([
    ['clientId', 'client_id'],
    ['requiredScopes', 'required_scopes'],
    ['ageSeconds', 'age_seconds'],
    ['usableSeconds', 'usable_seconds'],
    ['keyIds', 'key_ids'],
    ['durationMs', 'duration_ms'],
    ['detail', 'detail'],
  ])('calls %s %s', (name, written) => {
    expect(of({ name: 'x', [name]: 7 })[written]).toBe(7)
  })

  it('leaves out what is unknown, and ids that are no text', () => {
    const token = { clientId: undefined, subjectDigest: undefined }
    const fields = of({ name: 'x', detail: undefined, sessionIdDigest: 7, token })
    expect(Object.keys(fields)).toEqual(['datetime', 'event', 'owasp'])
  })

  it.each([
    [invalidToken('expired', 'x'), 'refused'],
    [new AuthError('temporarily_unavailable', { reason: 'keys_unavailable' }), 'unavailable'],
  ])('tells a refusal from an outage', (error, outcome) => {
    expect(of(refusalEvent('requireBearer', error))).toMatchObject({ outcome })
  })

  it('tells where a request came from and went to', () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const told = request('192.0.2.7', { id: 'r-1', route: { path: '/n/:id' } })
    told.headers['traceparent'] = traceparent
    const event = refusalEvent('requireBearer', invalidToken('expired', 'x'), { told })
    expect(of(event)).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/n/:id',
      'client.address': 's(192.0.2.7)',
      request_id: 'r-1',
      trace_id: 'a'.repeat(32),
    })
  })

  it('hashes no address that is not there', () => {
    const told = request('')
    const event = refusalEvent('requireBearer', invalidToken('expired', 'x'), { told })
    expect(of(event)).not.toHaveProperty(['client.address'])
    expect(of(event)).not.toHaveProperty('request_id')
  })
})
