import { describe, expect, it, jest } from '@jest/globals'
import { invalidToken } from '../../../lib/core/verdicts/errors.js'
import { AuthError } from '../../../lib/index.js'
import { parseCompact, readHeader } from '../../../lib/tokens/jwt/compact.js'
import { encode } from '../../support/forge.js'
import { refusalOf, taken } from '../../support/policy.js'

const HEADER = encode({ alg: 'RS256' })
const CLAIMS = encode({ iss: 'x' })
const SIGNATURE = encode('signature')

/** A token whose payload is this text. */
const withPayload = (text: string): string => `${HEADER}.${encode(text)}.${SIGNATURE}`

/** A header of so many characters. */
function headerOf(length: number): string {
  const empty = JSON.stringify({ alg: 'RS256', x: '' }).length
  return encode({ alg: 'RS256', x: 'x'.repeat((length * 3) / 4 - empty) })
}

function headerIn(header: string): unknown {
  return taken(parseCompact(`${header}.${CLAIMS}.${SIGNATURE}`)).header
}

describe('parseCompact', () => {
  it('reads a header once, for as long as not too many others have come', () => {
    const [longest, longer] = [headerOf(512), headerOf(516)]
    expect([longest.length, longer.length]).toEqual([512, 516])
    expect(headerIn(longest)).toBe(headerIn(longest))
    expect(headerIn(longer)).not.toBe(headerIn(longer))
    const first = headerIn(longest)
    const others = Array.from({ length: 99 }, (_, index) => encode({ alg: 'RS256', index }))
    const read = others.map(headerIn)
    expect(read.at(-1)).toBe(headerIn(others.at(-1)!))
    headerIn(encode({ alg: 'RS256', one: 'more' }))
    headerIn(encode({ alg: 'RS256', two: 'more' }))
    expect(headerIn(longest)).not.toBe(first)
  })

  it('takes a token apart, and keeps what was signed as it came', () => {
    expect(parseCompact(`${HEADER}.${CLAIMS}.${SIGNATURE}`)).toEqual({
      signingInput: `${HEADER}.${CLAIMS}`,
      header: { alg: 'RS256' },
      claims: { iss: 'x' },
      payload: '{"iss":"x"}',
      signature: SIGNATURE,
    })
  })

  it.each([
    ['no dot', HEADER],
    ['one dot', `${HEADER}.${CLAIMS}`],
    ['three dots', `${HEADER}.${CLAIMS}.${SIGNATURE}.${SIGNATURE}`],
    ['four dots', `${HEADER}.${CLAIMS}.${SIGNATURE}.${SIGNATURE}.${SIGNATURE}`],
    ['a thousand dots', `${HEADER}.${CLAIMS}.${SIGNATURE}${'.'.repeat(1000)}`],
    ['an empty text', ''],
  ])('wants three parts: not %s (7515-10)', (_name, token) => {
    const refusal = refusalOf(() => parseCompact(token))
    expect([refusal?.reason, refusal?.detail]).toEqual([
      'malformed_token',
      expect.stringContaining('three parts'),
    ])
  })

  it.each(['undefined', 'null', 'NaN', 'true', 'false'])(
    'says of "%s" that the client has no token',
    (word) => {
      const refusal = refusalOf(() => parseCompact(word))
      expect(refusal?.detail).toMatch(new RegExp(`the word ${word}: the client has none`))
    },
  )

  it.each([
    ['header', (bad: string) => `${bad}.${CLAIMS}.${SIGNATURE}`],
    ['payload', (bad: string) => `${HEADER}.${bad}.${SIGNATURE}`],
    ['signature', (bad: string) => `${HEADER}.${CLAIMS}.${bad}`],
  ])(
    'wants the one spelling of base64url in the %s, and says which part has another',
    (part, make) => {
      for (const [bad, fault] of [
        ['eyJ9=', 'base64url'],
        ['ey+J', 'base64url'],
        ['ey/J', 'base64url'],
        ['ey J', 'base64url'],
        ['e\u00FF', 'base64url'],
        // One character makes no byte; and the last of two or three must have no bits to spare.
        ['e', 'canonical base64url'],
        ['ex', 'canonical base64url'],
        ['exx', 'canonical base64url'],
      ] as const) {
        const refusal = refusalOf(() => parseCompact(make(bad)))
        expect([bad, refusal?.reason, refusal?.detail]).toEqual([
          bad,
          'malformed_token',
          `The token's ${part} is not ${fault}`,
        ])
      }
    },
  )

  it.each([
    ['header', `.${CLAIMS}.${SIGNATURE}`, "The token's header is not base64url"],
    ['payload', `${HEADER}..${SIGNATURE}`, "The token's payload is not base64url"],
    [
      'signature, as where "alg" is "none"',
      `${encode({ alg: 'none' })}.${CLAIMS}.`,
      'The token is not signed: its signature is empty, as with "alg": "none"',
    ],
  ])('refuses an empty %s', (_part, token, detail) => {
    const refusal = refusalOf(() => parseCompact(token))
    expect([refusal?.reason, refusal?.detail]).toEqual(['malformed_token', detail])
  })

  it.each([
    ['a list', '[]', 'a JSON object'],
    ['null', 'null', 'a JSON object'],
    ['a string', '"{}"', 'a JSON object'],
    ['a number', '1', 'a JSON object'],
    ['no JSON', '{', 'JSON in UTF-8'],
    ['text after the object', '{} {}', 'JSON in UTF-8'],
    ['a byte order mark', '\uFEFF{}', 'JSON in UTF-8'],
  ])('wants header and payload to be an object, not %s (7519-14)', (_name, text, wanted) => {
    const header = `${encode(text)}.${CLAIMS}.${SIGNATURE}`
    for (const [part, token] of Object.entries({ header, payload: withPayload(text) })) {
      expect(refusalOf(() => parseCompact(token))).toMatchObject({
        reason: 'malformed_token',
        detail: `The token's ${part} is not ${wanted}`,
      })
    }
  })

  it.each(['header', 'payload'])('wants the %s in UTF-8', (part) => {
    const latin = encode(Buffer.from('{"a":"\u00E9"}', 'latin1'))
    const token =
      part === 'header' ? `${latin}.${CLAIMS}.${SIGNATURE}` : `${HEADER}.${latin}.${SIGNATURE}`
    expect(refusalOf(() => parseCompact(token))).toMatchObject({
      reason: 'malformed_token',
      detail: `The token's ${part} is not JSON in UTF-8`,
    })
  })
})

describe('parseCompact: a header', () => {
  it('is the same for all tokens that have it, so nobody can change it', () => {
    expect(Object.isFrozen(headerIn(HEADER))).toBe(true)
  })

  it('is read by whoever is told to, and not remembered where each sender has one', () => {
    const own = encode({ alg: 'ES256', jwk: {} })
    const readOnce = (): unknown => taken(parseCompact(`${own}.${CLAIMS}.${SIGNATURE}`, readHeader))
    const [first, second] = [readOnce(), readOnce()] as { header: unknown }[]
    expect(first).toEqual(second)
    expect(first!.header).not.toBe(second!.header)
    const refusal = invalidToken('malformed_token', 'no')
    expect(parseCompact(`${own}.${CLAIMS}.${SIGNATURE}`, () => refusal)).toBe(refusal)
  })

  it.each([
    ['with a name twice', '{"alg":"RS256","alg":"none"}', "The token's header has duplicate names"],
    ['with half a pair', '{"kid":"\\ud800"}', "The token's header has half of a surrogate pair"],
  ])('%s is refused before anything is chosen by it (7519-01, 8725-12)', (_name, text, detail) => {
    const refusal = refusalOf(() => parseCompact(`${encode(text)}.${CLAIMS}.${SIGNATURE}`))
    expect([refusal?.reason, refusal?.detail]).toEqual(['malformed_token', detail])
  })
})

function nested(open: string, close: string, times: number): string {
  return `{"a":${open.repeat(times)}1${close.repeat(times)}}`
}

describe('parseCompact: depth', () => {
  it.each([
    ['lists', '[', ']'],
    ['objects', '{"b":', '}'],
  ])('takes 64 levels of %s, the outermost object included, and no more', (_name, open, close) => {
    const within = nested(open, close, 63)
    expect(taken(parseCompact(withPayload(within))).payload).toBe(within)
    expect(taken(parseCompact(`${encode(within)}.${CLAIMS}.${SIGNATURE}`)).header).toHaveProperty(
      'a',
    )
    const beyond = nested(open, close, 64)
    const tokens = {
      payload: withPayload(beyond),
      header: `${encode(beyond)}.${CLAIMS}.${SIGNATURE}`,
    }
    for (const [part, token] of Object.entries(tokens)) {
      const refusal = refusalOf(() => parseCompact(token))
      expect([refusal?.reason, refusal?.detail]).toEqual([
        'malformed_token',
        `The token's ${part} is nested deeper than 64 levels`,
      ])
    }
  })

  it('parses nothing that is deeper: strangers choose what that would cost', () => {
    const parse = jest.spyOn(JSON, 'parse')
    const beyond = nested('[', ']', 4000)
    expect(parseCompact(withPayload(beyond))).toBeInstanceOf(AuthError)
    expect(parseCompact(`${encode(beyond)}.${CLAIMS}.${SIGNATURE}`)).toBeInstanceOf(AuthError)
    const parsed = parse.mock.calls.map(([text]) => text)
    parse.mockRestore()
    expect(parsed).not.toContain(beyond)
  })
})

describe('parseCompact: a payload', () => {
  it.each([
    ['with a name twice', '{"a":1,"a":2}'],
    ['with half a pair', '{"a":"\\ud800"}'],
  ])('%s is left to `verifySignature` to refuse', (_name, text) => {
    expect(taken(parseCompact(withPayload(text))).payload).toBe(text)
  })
})
