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
