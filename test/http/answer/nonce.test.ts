import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { exposeHeaders, sendNonce } from '../../../lib/http/answer/nonce.js'

const EXPOSED = 'Access-Control-Expose-Headers'

function response(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()))
}

describe('exposeHeaders', () => {
  it.each<[string, string | readonly string[] | undefined, string]>([
    ['nothing', undefined, 'A-One, B-Two'],
    ['an empty value', '', 'A-One, B-Two'],
    ['another name', 'X-Id', 'X-Id, A-One, B-Two'],
    ['one of the names, in another case', 'b-two', 'b-two, A-One'],
    ['both, without a space', 'B-TWO,A-One', 'B-TWO,A-One'],
    ['both, with spaces', 'B-Two  ,  A-One', 'B-Two  ,  A-One'],
    ['a longer name', 'A-One-More', 'A-One-More, A-One, B-Two'],
    ['several lines', ['X-Id', 'A-One'], 'X-Id,A-One, B-Two'],
    ['everything', '*', '*'],
  ])('adds names beside %s, none twice', (_name, before, after) => {
    const res = response()
    if (before !== undefined) res.setHeader(EXPOSED, before)
    exposeHeaders(res, 'A-One, B-Two')
    expect(res.getHeader(EXPOSED)).toBe(after)
  })
})

describe('sendNonce', () => {
  it('takes the place of a nonce that others set, and lets pages of other origins read it', () => {
    const res = response()
    res.setHeader('DPoP-Nonce', 'theirs')
    sendNonce(res, 'ours')
    expect(res.getHeaders()).toMatchObject({
      'dpop-nonce': 'ours',
      'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate',
    })
  })

  it('leaves an answer alone that is on its way', () => {
    const res = response()
    res.flushHeaders()
    expect(() => sendNonce(res, 'late')).not.toThrow()
    expect(res.getHeader('DPoP-Nonce')).toBeUndefined()
  })
})
