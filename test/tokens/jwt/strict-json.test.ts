import { describe, expect, it } from '@jest/globals'
import { judgeJson } from '../../../lib/tokens/jwt/strict-json.js'
import { reasonOf, refusalOf } from '../../support/policy.js'

const judge = (text: string): unknown => judgeJson(text, JSON.parse(text) as object, 'payload')

describe('judgeJson: names that occur twice (7519-01)', () => {
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
    const refusal = refusalOf(() => judge(text))
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
    expect(reasonOf(() => judge(text))).toBeUndefined()
  })
})

describe('judgeJson: surrogates (7519-14, 8725-12)', () => {
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
      const refusal = refusalOf(() => judge(text))
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
    expect(reasonOf(() => judge(`{"a":${json}}`))).toBeUndefined()
  })
})
