import { describe, expect, it } from '@jest/globals'
import {
  optionCheck,
  optionsWithin,
  pickDefined,
  Untold,
} from '../../../lib/core/options/option-check.js'

const check = optionCheck('guard')
const NAMES = ['issuer', 'clientId', 'trustedOrigins', 'failuresPerNetwork', 'maxAgeSeconds']
const NESTED = [...NAMES, 'claims.scope', 'claims.clientId', 'claims.roles', 'cookie.isolateReads']

describe('an unknown option', () => {
  it.each([
    ['isuer', 'issuer'],
    ['clientID', 'clientId'],
    ['trustedOrigin', 'trustedOrigins'],
    ['origins', 'trustedOrigins'],
    ['failures', 'failuresPerNetwork'],
    ['maxAge', 'maxAgeSeconds'],
    ['scopeClaim', 'claims.scope'],
    ['clientIdClaim', 'claims.clientId'],
    ['rolesClaim', 'claims.roles'],
    ['roleClaims', 'claims.roles'],
    ['scopes', 'claims.scope'],
    ['isolateReads', 'cookie.isolateReads'],
    ['isolateRead', 'cookie.isolateReads'],
  ])('%s is an error that names %s', (name, meant) => {
    expect(() => check.known({ [name]: 1 }, NESTED)).toThrow(
      new TypeError(`guard: unknown option "${name}". Did you mean "${meant}"?`),
    )
  })

  it.each(['lump', 'x', '', '__', '7', 'constructor', 'toString'])(
    '%j is an error that names all there are, where it is like none',
    (name) => {
      expect(() => check.known({ [name]: 1 }, NESTED, { former: {} })).toThrow(
        new TypeError(`guard: unknown option "${name}". Known: ${NAMES.join(', ')}`),
      )
    },
  )

  it('that had another name is an error that names the new one', () => {
    const former = { strict: 'refuseUserNavigation' }
    expect(() => check.known({ strict: true }, ['structure'], { former })).toThrow(
      'Did you mean "refuseUserNavigation"?',
    )
  })

  it('within an option is an error that names both', () => {
    expect(() => check.known({ issuers: 1 }, NAMES, { within: 'a.b' })).toThrow(
      new TypeError('guard: unknown option "a.b.issuers". Did you mean "a.b.issuer"?'),
    )
    expect(() => check.known(7, NAMES, { within: 'a' })).toThrow('"a" must be an object, got 7')
  })

  it('is one with a dot in its name too: "claims.scope" is read by nobody', () => {
    expect(() => check.known({ 'claims.scope': 'scp' }, NESTED)).toThrow('"claims.scope"')
  })
})

describe('a complaint', () => {
  it.each([
    ['a request, by a factory that was mounted without a call', { headers: {}, socket: {} }, true],
    ['options named like a header', { headers: {} }, false],
    ['options named like a socket', { socket: {} }, false],
  ])('knows %s', (_what, given, isRequest) => {
    const known = (): void => optionCheck('sampleGuard').known(given, [])
    expect(known).toThrow(
      isRequest ? /Call it: app\.use\(sampleGuard\(\.\.\.\)\)/ : /unknown option/,
    )
  })

  it('shows a few names of an object, and not all the insides of a client', () => {
    const client = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((k) => [k, 1]))
    expect(() => check.string('redis', client)).toThrow(
      /got an object with a, b, c, d, e, f and 2 more$/,
    )
  })

  it.each([
    ['redis://alice:secret@redis.test:6379', '"redis://***@redis.test:6379"'],
    ['redis://alice:se/cret#@redis.test', '"redis://***@redis.test"'],
    ['ht!tp://secret@id.test/?next=a@b', '"ht!tp://***@id.test/?next=a@b"'],
    ['https://id.test/@alice', '"https://id.test/@alice"'],
  ])('of %s shows no password', (url, shown) => {
    expect(() => check.number('url', url, { fallback: 0, min: 0, max: 1 })).toThrow(`got ${shown}`)
  })

  it('lists each known option once', () => {
    expect(() => check.known({ x: 1 }, ['audience', 'issuer', 'audience'])).toThrow(
      /Known: audience, issuer$/,
    )
  })
})

describe('a known option', () => {
  it('passes, whatever it holds', () => {
    expect(() => check.known({ issuer: undefined, clientId: 1 }, NESTED)).not.toThrow()
  })
})

describe('the value of an option', () => {
  const range = { min: 1, max: 5 }

  it.each<[string, () => unknown, unknown]>([
    ['a text', () => check.string('o', 'a'), 'a'],
    ['the least number', () => check.number('o', 1, range), 1],
    ['the greatest number', () => check.number('o', 5, range), 5],
    ['a fraction', () => check.number('o', 1.5, range), 1.5],
    ['a whole number', () => check.number('o', 2, { ...range, integer: true }), 2],
    ['the default number', () => check.number('o', undefined, { ...range, fallback: 3 }), 3],
    ['a number over the default', () => check.number('o', 2, { ...range, fallback: 3 }), 2],
    ['true over the default', () => check.boolean('o', true, false), true],
    ['false over the default', () => check.boolean('o', false, true), false],
    ['the default true', () => check.boolean('o', undefined, true), true],
    ['no boolean', () => check.optionalBoolean('o', undefined), undefined],
    ['a boolean', () => check.optionalBoolean('o', true), true],
    ['a choice', () => check.oneOf('o', 'b', ['a', 'b'], 'a'), 'b'],
    ['the default choice', () => check.oneOf('o', undefined, ['a', 'b'], 'a'), 'a'],
    ['no function', () => check.optionalFunction('o', undefined), undefined],
    ['a function', () => check.optionalFunction('o', () => 1), undefined],
    ['one text for a list', () => check.strings('o', 'a'), ['a']],
    ['a list of texts', () => check.strings('o', ['a', 'b']), ['a', 'b']],
  ])('may be %s', (_name, call, value) => {
    expect(call()).toEqual(value)
  })

  it.each<[string, () => unknown, string]>([
    ['be a non-empty string, got ""', () => check.string('o', ''), 'string'],
    [
      'be a non-empty string, got undefined. Is an environment variable unset?',
      () => check.string('o', undefined),
      'string',
    ],
    [
      'be a non-empty string or a list of them, got ["a", undefined]. Is an environment variable unset?',
      () => check.strings('o', ['a', undefined]),
      'list',
    ],
    [
      'be an https URL, got undefined. Is an environment variable unset?',
      () => check.refuse('o', 'be an https URL', undefined),
      'URL',
    ],
    ['be a function, got undefined', () => check.refuse('o', 'be a function', undefined), 'other'],
    ['be a non-empty string, got 7', () => check.string('o', 7), 'string'],
    ['be a number from 1 to 5, got 0.9', () => check.number('o', 0.9, range), 'number'],
    ['be a number from 1 to 5, got 5.1', () => check.number('o', 5.1, range), 'number'],
    ['be a number from 1 to 5, got NaN', () => check.number('o', Number.NaN, range), 'number'],
    ['be a number from 1 to 5, got "3"', () => check.number('o', '3', range), 'number'],
    ['be a number from 1 to 5, got undefined', () => check.number('o', undefined, range), 'number'],
    [
      'be a whole number from 1 to 5, got 1.5',
      () => check.number('o', 1.5, { ...range, integer: true }),
      'number',
    ],
    ['be true or false, got "true"', () => check.boolean('o', 'true', false), 'boolean'],
    ['be true or false, got 0', () => check.optionalBoolean('o', 0), 'boolean'],
    ["be 'a' or 'b', got \"c\"", () => check.oneOf('o', 'c', ['a', 'b'], 'a'), 'choice'],
    ['be a function, got true', () => check.optionalFunction('o', true), 'function'],
    ['be a non-empty string or a list of them, got []', () => check.strings('o', []), 'list'],
    [
      'be a non-empty string or a list of them, got ["a", ""]',
      () => check.strings('o', ['a', '']),
      'list',
    ],
    [
      'be a non-empty string or a list of them, got ["a", 7]',
      () => check.strings('o', ['a', 7]),
      'list',
    ],
    [
      'be a non-empty string or a list of them, got undefined. Is an environment variable unset?',
      () => check.strings('o', undefined),
      'list',
    ],
  ])('must %s', (complaint, call) => {
    expect(call).toThrow(new TypeError(`guard: "o" must ${complaint}`))
  })

  it.each<[unknown, string]>([
    [() => 1, 'a function'],
    [{}, 'an object with no keys'],
    [{ a: 1 }, 'an object with a'],
    [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, 'an object with a, b, c, d, e, f'],
    ['x'.repeat(100), `"${'x'.repeat(100)}"`],
    ['x'.repeat(101), 'a string of 101 characters'],
    [new Untold('another string'), 'another string'],
    [null, 'null'],
    [[1, [{ secret: 's' }]], '[1, [an object with secret]]'],
  ])('is shown by its kind: %j', (value, shown) => {
    expect(() => check.refuse('o', 'be other', value)).toThrow(
      new TypeError(`guard: "o" must be other, got ${shown}`),
    )
  })
})

describe('options as a whole', () => {
  it('of a test issuer are its member "options", and not the issuer', () => {
    expect(() => check.known({ issuer: 'a', token: () => '', options: {} }, NAMES)).toThrow(
      new TypeError('guard: unknown option "token". Hand over issuer.options'),
    )
    expect(() => check.known({ options: {} }, NAMES)).toThrow('Known: ')
    expect(() => check.known({ token: {}, options: {} }, [...NAMES, 'options'])).toThrow('Known: ')
  })

  it.each([[undefined], [null], [[]], ['a'], [() => 1]])('are an object, not %p', (options) => {
    expect(() => check.known(options, NAMES)).toThrow(/^guard: options must be an object, got /)
  })

  it('are no foreign name inside another option: that means something at the top alone', () => {
    expect(() => check.known({ aud: 'a' }, ['audience'])).toThrow('Did you mean "audience"?')
    expect(() => check.known({ leeway: 1 }, ['clockToleranceSeconds'])).toThrow('Did you mean')
    expect(() => check.known({ leeway: 1 }, ['clockToleranceSeconds'], { within: 'a' })).toThrow(
      'guard: unknown option "a.leeway". Known: clockToleranceSeconds',
    )
  })

  it('go by a former name before one of another library', () => {
    const former = { leeway: 'tolerance' }
    expect(() => check.known({ leeway: 1 }, ['clockToleranceSeconds'], { former })).toThrow(
      'Did you mean "tolerance"?',
    )
  })

  it('that are given are picked, and those that are undefined override nothing', () => {
    const options: { a?: number | undefined; b?: boolean; c?: string } = {
      a: undefined,
      b: false,
      c: 'x',
    }
    const picked = pickDefined(options, ['a', 'b'])
    expect(picked).toEqual({ b: false })
    expect(Object.keys(picked)).toEqual(['b'])
  })

  it('within another are named by both', () => {
    expect(optionsWithin('claims', ['scope', 'roles'])).toEqual(['claims.scope', 'claims.roles'])
  })
})
