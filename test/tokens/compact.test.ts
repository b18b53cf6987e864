import { describe, expect, it } from '@jest/globals'
import { parseCompact } from '../../lib/tokens/compact.js'
import { encode } from '../support/forge.js'
import { reasonOf, refusalOf } from '../support/policy.js'

const HEADER = encode({ alg: 'RS256' })
const CLAIMS = encode({ iss: 'x' })
const SIGNATURE = encode('signature')

/** A token whose payload is this text. */
const withPayload = (text: string): string => `${HEADER}.${encode(text)}.${SIGNATURE}`

describe('parseCompact', () => {
  it('takes a token apart, and keeps what was signed as it came', () => {
    expect(parseCompact(`${HEADER}.${CLAIMS}.${SIGNATURE}`)).toEqual({
      signingInput: `${HEADER}.${CLAIMS}`,
      header: { alg: 'RS256' },
      claims: { iss: 'x' },
      signature: Buffer.from('signature'),
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

  it.each([
    ['header', (bad: string) => `${bad}.${CLAIMS}.${SIGNATURE}`],
    ['payload', (bad: string) => `${HEADER}.${bad}.${SIGNATURE}`],
    ['signature', (bad: string) => `${HEADER}.${CLAIMS}.${bad}`],
  ])(
    'wants the one spelling of base64url in the %s, and says which part has another',
    (part, make) => {
      for (const [bad, fault] of [
        ['', 'base64url'],
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

describe('parseCompact: names that occur twice (7519-01)', () => {
  it.each([
    ['side by side', '{"a":1,"a":2}'],
    ['with the same value', '{"a":1,"a":1}'],
    ['by an escape', '{"a":1,"\\u0061":2}'],
    ['behind an object', '{"a":{"b":1},"c":1,"a":2}'],
    ['behind a list', '{"a":[{"b":1}],"a":2}'],
    ['behind a quote in a string', '{"x":"\\"","a":1,"a":2}'],
    ['behind a backslash in a string', '{"x":"\\\\","a":1,"a":2}'],
    ['behind brackets in a string', '{"x":"}]{[","a":1,"a":2}'],
    ['behind closing brackets in a name', '{"}]":1,"a":1,"a":2}'],
    ['the empty name', '{"":1,"":2}'],
    ['a name of the prototype', '{"__proto__":1,"__proto__":2}'],
  ])('are refused: %s', (_name, text) => {
    const refusal = refusalOf(() => parseCompact(withPayload(text)))
    expect(refusal?.detail).toBe("The token's payload has duplicate names")
  })

  it.each([
    ['no member', '{}'],
    ['a colon in a string', '{"a":"b:c","d":":"}'],
    ['a colon in a name', '{"a:b":1}'],
    ['an escaped quote before a colon', '{"a":"\\":","b":1}'],
    ['a backslash at the end of a string', '{"a":"\\\\","b":":"}'],
    ['the same name at several depths', '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}'],
    ['a name twice further down', '{"a":{"b":1,"b":2}}'],
    ['opening brackets in a string', '{"a":"{[","b":1}'],
    ['closing brackets in a string', '{"a":"}]","b":1}'],
    ['white space around colons', '{ "a" : 1 ,\n"b"\t:\r2 }'],
    ['characters of more than a byte', '{"\u00E9:\u{1F600}":"\u7B5A\u007B:"}'],
    ['a name of the prototype', '{"__proto__":1,"constructor":2}'],
  ])('are not seen where there are none: %s', (_name, text) => {
    expect({ ...parseCompact(withPayload(text)).claims }).toEqual({
      ...(JSON.parse(text) as object),
    })
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
    expect(reasonOf(() => parseCompact(withPayload(nested(open, close, 63))))).toBeUndefined()
    const refusal = refusalOf(() => parseCompact(withPayload(nested(open, close, 64))))
    expect([refusal?.reason, refusal?.detail]).toEqual([
      'malformed_token',
      expect.stringContaining('deeper than 64'),
    ])
  })

  it('takes a hundred lists and objects side by side', () => {
    const text = `{"a":[${'[],{},'.repeat(100)}1],"b":1}`
    expect(reasonOf(() => parseCompact(withPayload(text)))).toBeUndefined()
  })
})

describe('parseCompact: surrogates (7519-14, 8725-12)', () => {
  it.each([
    ['a high one alone', '"\\ud800"'],
    ['a low one alone', '"\\udc00"'],
    ['a pair the wrong way round', '"\\udc00\\ud800"'],
    ['a pair with something between', '"\\ud83d-\\ude00"'],
    ['a high one twice', '"\\ud83d\\ud83d\\ude00"'],
    ['one in capitals', '"\\uD800"'],
    ['one behind a backslash', '"\\\\\\ud800"'],
    ['one at the end of other escapes', '"\\n\\t\\"\\ud800"'],
  ])('are refused: %s', (_name, json) => {
    for (const text of [`{"a":${json}}`, `{${json}:1}`]) {
      const refusal = refusalOf(() => parseCompact(withPayload(text)))
      expect(refusal?.detail).toBe("The token's payload has half of a surrogate pair")
    }
  })

  it.each([
    ['a pair', '"\\ud83d\\ude00"'],
    ['a pair in capitals', '"\\uD83D\\uDE00"'],
    ['other escapes', '"\\u0061\\u00e9\\uffff"'],
    ['a backslash before the letter u', '"\\\\ud800"'],
    ['two backslashes before it', '"\\\\\\\\udc00"'],
    ['a character outside the first plane', '"\u{1F600}"'],
  ])('are taken where they are whole, or none: %s', (_name, json) => {
    expect(reasonOf(() => parseCompact(withPayload(`{"a":${json}}`)))).toBeUndefined()
  })
})
