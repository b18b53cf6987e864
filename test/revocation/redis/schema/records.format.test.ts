import { describe, expect, it } from '@jest/globals'
import type { Revocation } from '../../../../lib/revocation/revocations.js'
import { RevocationUnavailable } from '../../../../lib/revocation/store.js'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import {
  entryFor,
  formatMark,
  formatNumber,
  parseFlag,
  parseMark,
  parseNumber,
} from '../../../../lib/revocation/redis/schema/records.js'

const ISSUER = 'https://id.test'
const keys = createKeyNames('revocations', false)
const BASE: Revocation = {
  kind: 'token',
  issuer: ISSUER,
  id: 'token-1',
  value: true,
  until: 100,
  keptUntil: 200,
}

describe('a record that Redis holds', () => {
  it.each([null, undefined])('says nothing where it is %p', (record) => {
    expect([parseFlag(record), parseNumber(record), parseMark(record)]).toEqual([
      false,
      undefined,
      undefined,
    ])
  })

  it.each<[string, number]>([
    ['0', 0],
    ['-5', -5],
    ['1800000000.25', 1_800_000_000.25],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    [`0.${'1'.repeat(20)}`, Number(`0.${'1'.repeat(20)}`)],
  ])('is the number %s', (record, number) => {
    expect(parseNumber(record)).toBe(number)
  })

  it.each([
    '',
    ' 1',
    '1 ',
    '1.',
    '.5',
    '+1',
    '1e3',
    '12345678901234567',
    `0.${'1'.repeat(21)}`,
    'x1',
    '1x',
  ])('is no number where it is %j, and nobody can tell what it means', (record) => {
    expect(() => parseNumber(record)).toThrow(RevocationUnavailable)
    expect(() => parseNumber(record)).toThrow(/^A number record of \d+ characters/)
    expect(() => parseMark(record)).toThrow(RevocationUnavailable)
  })

  it('is a flag where it is 1 alone', () => {
    expect(parseFlag('1')).toBe(true)
    expect(() => parseFlag('0')).toThrow(
      'A flag record of 1 characters in Redis has a format that this version does not know',
    )
  })

  it('is a mark with the seconds of sessions, or with none of them', () => {
    expect(parseMark('12')).toEqual({ notBefore: 12, sessions: new Map() })
    const sessions = new Map([
      ['a', 3],
      ['b', Number.NEGATIVE_INFINITY],
    ])
    expect(parseMark('-12;a=3;b=-')).toEqual({ notBefore: -12, sessions })
    expect(formatMark({ notBefore: -12, sessions })).toBe('-12;a=3;b=-')
  })

  it.each(['12;', '12;a', '12;=3', '12;a=', '12;a=x', '12;a=3;', ';a=3'])(
    'is no mark where it is %j',
    (record) => {
      expect(() => parseMark(record)).toThrow(/^A mark record of \d+ characters/)
    },
  )

  it('is written without an exponent, and rounded up where it must be', () => {
    expect([0.5, 1.5e-7, -1.5e-7, 3].map(formatNumber)).toEqual(['0.5', '1', '0', '3'])
  })
})

describe('what is written of a revocation', () => {
  const entry = (changes: Partial<Revocation>): ReturnType<typeof entryFor> =>
    entryFor(keys, { ...BASE, ...changes })

  it('is a flag, a number or a mark, under the key of what it revokes', () => {
    const key = keys.entry('token', ISSUER, 'token-1')
    expect(entry({})).toEqual({
      key,
      name: key.slice(keys.prefix.length),
      format: 'flag',
      record: '1',
      value: true,
      until: 100,
      keptUntil: 200,
      share: undefined,
    })
    expect(entry({ kind: 'version', value: 7 })).toMatchObject({
      key: keys.entry('version', ISSUER, 'token-1'),
      format: 'number',
      record: '7',
      value: 7,
    })
  })

  it.each<[Partial<Revocation>, string]>([
    [{ kind: 'all' }, keys.all(ISSUER)],
    [{ kind: 'all', issuer: undefined }, keys.all(undefined)],
  ])('stands for all under the key of its issuer: %j', (changes, key) => {
    expect(entry(changes).key).toBe(key)
  })

  it('is a mark with its sessions in the order of their ids', () => {
    const sessions = new Map([
      ['b', 2],
      ['c', 3],
      ['a', 1],
    ])
    const { format, record, value } = entry({ kind: 'subject', value: { notBefore: 9, sessions } })
    const ids = ['a', 'b', 'c'].map((id) => keys.id(id)).toSorted()
    expect(format).toBe('mark')
    expect([...(value as { sessions: ReadonlyMap<string, number> }).sessions.keys()]).toEqual(ids)
    expect(parseMark(record)).toEqual(value)
  })

  it('names the count that it is in, and the mark in its place', () => {
    const mark: Revocation = {
      ...BASE,
      kind: 'subject',
      id: 'ann',
      value: { notBefore: 9, sessions: new Map() },
    }
    const { share } = entry({ share: { mark, windowSeconds: 60 } })
    expect(share).toEqual({
      counter: keys.counter('token', ISSUER, 'ann'),
      windowSeconds: 60,
      mark: entryFor(keys, mark),
    })
    expect(entry({ kind: 'all', share: { mark, windowSeconds: 60 } }).share).toBeUndefined()
    const nobody = { ...mark, issuer: undefined }
    expect(entry({ share: { mark: nobody, windowSeconds: 60 } }).share).toBeUndefined()
  })
})
