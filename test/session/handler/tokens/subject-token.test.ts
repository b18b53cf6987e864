import { describe, expect, it } from '@jest/globals'
import type { Auth } from '../../../../lib/core/auth/auth.js'
import {
  keepSubjectToken,
  subjectTokenOf,
} from '../../../../lib/session/handler/tokens/subject-token.js'
import { exchangeOf } from '../../../support/exchange.js'

function authBy(transport: string): Auth {
  return { transport } as Auth
}

describe('the access token of a request', () => {
  it.each([
    ['header', 'Bearer abc', 'abc'],
    ['header', 'DPoP  abc', 'abc'],
    ['header', 'Bearer abc def', undefined],
    ['header', 'Bearer', undefined],
    ['header', undefined, undefined],
    ['cookie', 'Bearer abc', undefined],
  ])('that came by %s, with the header %j, is %j', (transport, authorization, token) => {
    const { req } = exchangeOf('/', { headers: authorization === undefined ? {} : { authorization } }) // prettier-ignore
    expect(subjectTokenOf(req, authBy(transport))).toBe(token)
  })

  it('is that which was kept for it, whatever header another guard has read', () => {
    const [auth, other] = [authBy('cookie'), authBy('header')]
    const { req } = exchangeOf('/', { headers: { authorization: 'Bearer of-somebody-else' } })
    keepSubjectToken(auth, 'of-the-session')
    expect(subjectTokenOf(req, auth)).toBe('of-the-session')
    expect(subjectTokenOf(req, other)).toBe('of-somebody-else')
    expect(JSON.stringify([req.headers, auth])).not.toContain('of-the-session')
  })
})
