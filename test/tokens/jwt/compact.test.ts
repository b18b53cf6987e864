import { describe, expect, it, jest } from '@jest/globals'
import { AuthError } from '../../../lib/index.js'
import { parseCompact } from '../../../lib/tokens/jwt/compact.js'
import { encode } from '../../support/forge.js'
import { reasonOf, refusalOf, taken } from '../../support/policy.js'

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

  it.each(['undefined', 'null', 'NaN'])('says of "%s" that the client has no token', (word) => {
    const refusal = refusalOf(() => parseCompact(word))
    expect(refusal?.detail).toMatch(new RegExp(`the word ${word}: the client has none`))
  })

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
    ['a list', '[]'],
    ['null', 'null'],
    ['a string', '"{}"'],
    ['a number', '1'],
    ['no JSON', '{'],
    ['text after the object', '{} {}'],
    ['a byte order mark', '\uFEFF{}'],
  ])('wants a payload that is an object, not %s (7519-14)', (_name, text) => {
    expect(reasonOf(() => parseCompact(withPayload(text)))).toBe('malformed_token')
  })
})

describe('parseCompact: a header', () => {
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
