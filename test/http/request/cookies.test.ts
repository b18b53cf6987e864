import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { cookieValues } from '../../../lib/http/request/cookies.js'
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
