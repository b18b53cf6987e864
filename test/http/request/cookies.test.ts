import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { beforeEach, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { cookieNames, cookieValues, setCookie } from '../../../lib/http/request/cookies.js'
import { FUZZ_RUNS } from '../../support/runs.js'

describe('cookieValues', () => {
  it.each<[string, string | undefined, readonly string[]]>([
    ['no header', undefined, []],
    ['one cookie', 'at=a.b.c', ['a.b.c']],
    ['one among others', 'x=1; at=a.b.c; y=2', ['a.b.c']],
    ['no space between (COOK-04)', 'x=1;at=a;y=2', ['a']],
    ['tabs and spaces', ' \tat \t=\t a ;', ['a']],
    ['two of the name (COOK-05)', 'at=EVIL; at=good', ['EVIL', 'good']],
    ['an empty value', 'at=', ['']],
    ['an equals sign in the value', 'at=a=b', ['a=b']],
    ['a quoted value, quotes and all', 'at="a"', ['"a"']],
    ['another case (COOK-03)', 'AT=a; At=a', []],
    ['a longer name', 'at2=a; xat=a; at.1=b', []],
    ['no equals sign', 'at', []],
    ['no equals sign, and a letter more', 'atx', []],
    ['nothing but blanks in the value', 'at= \t ', ['']],
    ['nothing but blanks in the name', ' \t =at', []],
    ['a nameless cookie whose value looks like one', '=at=EVIL', []],
    ['a no-break space in front, which trim() would remove', '\u00A0at=EVIL; at=good', ['good']],
    ['a byte order mark', '\uFEFFat=EVIL', []],
    ['a next-line character', '\u0085at=EVIL', []],
    ['a vertical tab', '\u000Bat=EVIL', []],
    ['a no-break space behind', 'at\u00A0=EVIL', []],
    ['a percent-encoded name', '%61t=EVIL', []],
  ])('%s', (_name, header, values) => {
    expect(cookieValues(header, 'at')).toEqual(values)
  })

  it('finds a name of one letter', () => {
    expect(cookieValues('b=1; a=2', 'a')).toEqual(['2'])
  })

  it('finds a name only where it stands between separators and blanks', () => {
    const junk = fc.string({ unit: 'binary' }).filter((text) => !/[;=]/.test(text))
    fc.assert(
      fc.property(junk, junk, (before, after) => {
        const found = cookieValues(`${before}at${after}=value`, 'at').length === 1
        expect(found).toBe(/^[ \t]*$/.test(before + after))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describe('cookieNames', () => {
  it.each<[string, string | undefined, readonly string[]]>([
    ['no header', undefined, []],
    ['no cookie that begins so', 'x=login-1; y=2', []],
    ['one among others', 'x=1; login-a=1; y=2', ['login-a']],
    ['several, in their order', 'login-b=1;login-a=2', ['login-b', 'login-a']],
    ['one that comes twice, once', 'login-a=1; login-a=2', ['login-a']],
    ['blanks around the name', ' \tlogin-a \t=1', ['login-a']],
    ['no equals sign', 'login-a', ['login-a']],
    ['the beginning at another place', 'x-login-a=1; alogin-=1', []],
    ['an equals sign in the value', 'login-a=b=c', ['login-a']],
  ])('%s', (_name, header, names) => {
    expect(cookieNames(header, 'login-')).toEqual(names)
  })
})

describe('setCookie', () => {
  const lasting = { secure: true, sameSite: 'strict', maxAgeSeconds: 60 } as const
  let res: ServerResponse
  beforeEach(() => {
    res = new ServerResponse(new IncomingMessage(new Socket()))
  })

  const lines = (): unknown => res.getHeader('Set-Cookie')

  it('sets one for this host alone, out of reach of scripts and of plain http', () => {
    setCookie(res, '__Host-at', 'a.b', lasting)
    expect(lines()).toEqual([
      '__Host-at=a.b; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict',
    ])
  })

  it.each([
    ['strict', 'Strict'],
    ['lax', 'Lax'],
    ['none', 'None'],
  ] as const)('spells the %s "SameSite" as %s', (sameSite, spelt) => {
    setCookie(res, 'at', 'a', { secure: false, sameSite, maxAgeSeconds: 1 })
    expect(lines()).toEqual([`at=a; Path=/; Max-Age=1; HttpOnly; SameSite=${spelt}`])
  })

  it('clears one for browsers that do not know "Max-Age" too', () => {
    setCookie(res, 'at', '', { ...lasting, maxAgeSeconds: 0 })
    expect(lines()).toEqual([
      'at=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict',
    ])
  })

  it('comes in the place of one of its name, beside those of others (RFC 6265 §4.1.1)', () => {
    res.setHeader('Set-Cookie', ['at=old; Path=/', 'at2=kept', 'x=at='])
    setCookie(res, 'at', 'new', { ...lasting, secure: false })
    setCookie(res, 'at', 'newer', { ...lasting, secure: false })
    expect(lines()).toEqual([
      'at2=kept',
      'x=at=',
      'at=newer; Path=/; Max-Age=60; HttpOnly; SameSite=Strict',
    ])
  })

  it('keeps a single line of another that was set as text', () => {
    res.setHeader('Set-Cookie', 'x=1')
    setCookie(res, 'at', 'a', lasting)
    expect(lines()).toEqual(['x=1', expect.stringMatching(/^at=a;/)])
  })

  it('lets no cache keep the answer, which would hand it to the next visitor', () => {
    setCookie(res, 'at', 'a', lasting)
    expect(res.getHeader('Cache-Control')).toBe('no-store')
  })
})
