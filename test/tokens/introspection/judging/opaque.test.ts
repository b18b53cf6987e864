import { describe, expect, it } from '@jest/globals'
import { isOpaque, opaqueRefusal } from '../../../../lib/tokens/introspection/judging/opaque.js'
import { encode } from '../../../support/forge.js'

const header = encode({ alg: 'ES256' })
const encrypted = `${encode({ alg: 'dir', enc: 'A128GCM' })}....`

describe('a token', () => {
  it.each<[string, string, boolean]>([
    ['of three parts with a header is a JWT', `${header}.e30.AA`, false],
    ['of one part is opaque', 'a', true],
    ['of two parts is opaque', `${header}.e30`, true],
    ['of four parts is opaque', `${header}.e30.AA.AA`, true],
    ['whose first part is no JSON is opaque', 'eyJ.b.c', true],
    ['whose first part is JSON and no object is opaque', `${encode('"e"')}.b.c`, true],
    ['whose first part is a list is opaque', `e${encode([1])}.b.c`, true],
    ['whose first part is no base64url is opaque', 'e+.b.c', true],
    ['whose first part begins with a space is opaque', `${encode(' {}')}.b.c`, true],
    ['with an empty first part is opaque', '.b.c', true],
  ])('%s', (_what, token, opaque) => {
    expect([isOpaque(token, false), isOpaque(token, true)]).toEqual([opaque, opaque])
  })

  it('that is encrypted is opaque to whoever has no key', () => {
    expect([isOpaque(encrypted, false), isOpaque(encrypted, true)]).toEqual([true, false])
  })
})

describe('an opaque token', () => {
  it.each(['a', 'A-1._~+/', 'abc==', 'a'.repeat(8192)])('is worth asking about: %.20s', (token) => {
    expect(opaqueRefusal(token)).toBeUndefined()
  })

  it.each(['', '=', 'a=b', 'a b', 'ä', 'a\n', '"a"', ' a', 'a '])(
    'has no such text: %j',
    (token) => {
      expect(opaqueRefusal(token)).toMatchObject({ status: 401, reason: 'malformed_token' })
    },
  )

  it('is a bad request where it is too long, for another would be as long', () => {
    const refusal = opaqueRefusal('a'.repeat(8193))
    expect(refusal).toMatchObject({ status: 400, reason: 'token_too_large' })
  })
})
