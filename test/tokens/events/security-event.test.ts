import { describe, expect, it } from '@jest/globals'
import { judgeSecurityEvent } from '../../../lib/tokens/events/security-event.js'

const NOW = 1_800_000_000
const RULES = { audiences: ['us'], clockToleranceSeconds: 5, legacy: false }

const judge = (payload: object, claims: object = {}): unknown =>
  judgeSecurityEvent(
    {
      iss: 'https://id.test',
      jti: 'j',
      iat: NOW - 10,
      aud: ['us'],
      events: { 'urn:e': payload },
      ...claims,
    },
    RULES,
    NOW,
  )

describe('the time of a security event', () => {
  it.each<[string, object, object, number]>([
    ['event_timestamp (CAEP-02)', { event_timestamp: NOW - 60 }, {}, NOW - 60],
    ['toe, without it', {}, { toe: NOW - 30 }, NOW - 30],
    ['iat, without either', {}, {}, NOW - 10],
    [
      'never later than iat, though it is in milliseconds',
      { event_timestamp: NOW * 1000 },
      {},
      NOW - 10,
    ],
    ['never later than iat, though toe is', {}, { toe: NOW + 60 }, NOW - 10],
    ['never before time began', { event_timestamp: -1 }, {}, 0],
  ])('is %s', (_what, payload, claims, happenedAt) => {
    expect(judge(payload, claims)).toMatchObject({ happenedAt })
  })

  it('is judged by a clock that tells the time, and by no other', () => {
    expect(
      judgeSecurityEvent(
        { iss: 'i', jti: 'j', iat: NOW, aud: 'us', events: { 'urn:e': {} } },
        RULES,
        Number.NaN,
      ),
    ).toMatchObject({ reason: 'expired' })
  })
})

describe('a security event', () => {
  it('says who tells what of whom', () => {
    const subject = { format: 'opaque', id: 'user-1' }
    expect(judge({ reason: 'x' }, { sub_id: subject })).toEqual({
      issuer: 'https://id.test',
      tokenId: 'j',
      issuedAt: NOW - 10,
      happenedAt: NOW - 10,
      type: 'urn:e',
      payload: { reason: 'x' },
      subject,
    })
    expect(judge({ subject })).toMatchObject({ subject })
  })

  it.each<[object, string]>([
    [{ iss: undefined }, 'missing_claim'],
    [{ iss: 7 }, 'malformed_claim'],
    [{ jti: undefined }, 'missing_claim'],
    [{ jti: ['j'] }, 'malformed_claim'],
    [{ iat: undefined }, 'missing_claim'],
    [{ iat: 'now' }, 'malformed_claim'],
    [{ iat: NOW + 6 }, 'issued_in_future'],
    [{ aud: 'others' }, 'wrong_audience'],
    [{ sub: 'user-1' }, 'malformed_event'],
    [{ exp: NOW + 10 }, 'malformed_event'],
    [{ events: undefined }, 'malformed_event'],
    [{ events: [] }, 'malformed_event'],
    [{ events: {} }, 'malformed_event'],
    [{ events: { 'urn:e': {}, 'urn:f': {} } }, 'malformed_event'],
    [{ events: { e: {} } }, 'malformed_event'],
    [{ events: { 'urn:e': 'x' } }, 'malformed_event'],
    [{ events: { 'urn:e': { event_timestamp: 'x' } } }, 'malformed_claim'],
    [{ toe: 'x' }, 'malformed_claim'],
  ])('with %j is refused: %s', (claims, reason) => {
    expect(judge({}, claims)).toMatchObject({ code: 'invalid_token', reason })
  })

  it.each([
    [{ iat: NOW + 5 }],
    [{ aud: 'us' }],
    [{ aud: ['others', 'us'] }],
    [{ iat: NOW - 1_000_000 }],
  ])('with %j is taken: clocks differ, and a receiver may have been down for days', (claims) => {
    expect(judge({}, claims)).toMatchObject({ type: 'urn:e' })
  })

  it.each<[object, object]>([
    [{ sub: 'user-1' }, { type: 'urn:e' }],
    [{ exp: NOW - 4 }, { type: 'urn:e' }],
    [{ exp: NOW - 5 }, { reason: 'expired', detail: 'The security event expired 5 s ago' }],
    [{ exp: 'x' }, { reason: 'malformed_claim' }],
  ])('of an older transmitter may have %j', (claims, outcome) => {
    const event = { iss: 'i', jti: 'j', iat: NOW, aud: 'us', events: { 'urn:e': {} }, ...claims }
    expect(judgeSecurityEvent(event, { ...RULES, legacy: true }, NOW)).toMatchObject(outcome)
  })
})
