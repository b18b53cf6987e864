import { describe, expect, it } from '@jest/globals'
import {
  examine,
  laterOf,
  parseLineage,
  type Finding,
  type Position,
} from '../../../../lib/revocation/redis/schema/lineage.js'

const RECORD = 'v1:2000500:first:2005:10:100'
const lineage = parseLineage(RECORD)!
const at = (sequence: number, record = RECORD): Position => ({
  lineage: record === RECORD ? lineage : parseLineage(record)!,
  sequence,
})
const found = (sequence: string | undefined, logged?: number, known?: Position): Finding =>
  examine(known, { lineage: RECORD, sequence, logged })

describe('a lineage record', () => {
  it.each([
    ['v1:1:a:-:0:-', { generation: 1, floor: undefined, start: 0, logged: undefined }],
    ['v2:12:a-B_9:34:56:78', { generation: 12, floor: 34, start: 56, logged: 78 }],
  ])('%s is read', (record, read) => {
    expect(parseLineage(record)).toEqual({ record, ...read })
  })

  it.each([
    'v3:1:a:-:0:-',
    ' v1:1:a:-:0:-',
    'v1:1:a:-:0:- ',
    'v1::a:-:0:-',
    `v1:${'1'.repeat(16)}:a:-:0:-`,
    'v1:1::-:0:-',
    'v1:1:a b:-:0:-',
    `v1:1:${'a'.repeat(65)}:-:0:-`,
    `v1:1:a:${'1'.repeat(13)}:0:-`,
    'v1:1:a:-:-:-',
    `v1:1:a:-:${'1'.repeat(16)}:-`,
    `v1:1:a:-:0:${'1'.repeat(16)}`,
    'v1:1:a::0:-',
    'v1:1:a:-:0:',
  ])('%j is of no format that is known', (record) => {
    expect(parseLineage(record)).toBeUndefined()
    expect(examine(undefined, { lineage: record, sequence: '0' })).toEqual({
      kind: 'unreadable',
      detail: expect.stringContaining('Is a newer version of the library writing to it?'),
    })
  })
})

describe('data', () => {
  it.each<[string, Finding, string]>([
    ['without a sequence', found(undefined), 'the sequence is gone'],
    ['with a sequence that is none', found('x1'), 'the sequence is gone'],
    ['with a sequence and more', found('1x'), 'the sequence is gone'],
    [
      'that begin before their lineage',
      found('9', 99),
      'the sequence lies before the lineage began',
    ],
    ['with a log of fewer entries', found('15', 104), 'the log does not have the entries that'],
    ['with a log of more entries', found('15', 106), 'the log does not have the entries that'],
    ['that fell back', found('15', 105, at(16)), 'the sequence fell from 16 to 15'],
  ])('%s are lost', (_name, finding, detail) => {
    expect(finding).toEqual({ kind: 'lost', detail: expect.stringContaining(detail) })
  })

  it.each<[string, Finding]>([
    ['as many as the log has counted', found('15', 105)],
    ['whose log counts nothing', found('15')],
    ['at the very start', found('10', 100)],
    ['of many digits', found('123456789012345')],
    ['that stand where they stood', found('15', 105, at(15))],
  ])('%s are intact', (_name, finding) => {
    expect(finding.kind).toBe('intact')
  })

  it('of a lineage that counts no log are intact whatever is logged', () => {
    const record = 'v1:1:a:-:0:-'
    expect(examine(undefined, { lineage: record, sequence: '3', logged: 99 }).kind).toBe('intact')
  })

  it.each([
    [{ lineage: undefined, sequence: undefined }, 'empty'],
    [{ lineage: undefined, sequence: undefined, logged: 1 }, 'lost'],
    [{ lineage: undefined, sequence: '1' }, 'lost'],
  ])('without a lineage, seen as %j: %s', (seen, kind) => {
    expect(examine(undefined, seen).kind).toBe(kind)
    expect(examine(at(10), seen)).toEqual({ kind: 'lost', detail: 'the lineage is gone' })
  })

  it.each([
    ['v1:3000999:b:3000:0:-', 'replaced'],
    ['v1:3000999:b:2999:0:-', 'lost'],
    ['v1:3000999:b:-:0:-', 'lost'],
    ['v1:2000500:b:9999:0:-', 'lost'],
    ['v1:2000499:b:9999:0:-', 'lost'],
  ])('of the lineage %s in place of the one that was known: %s', (record, kind) => {
    expect(examine(at(10), { lineage: record, sequence: '0' }).kind).toBe(kind)
  })
})

describe('the later of two positions', () => {
  const next = 'v1:3000500:b:3005:0:-'

  it('is the only one, the one of the later lineage, or the one further on', () => {
    expect(laterOf(undefined, at(1))).toEqual(at(1))
    expect(laterOf(at(9), at(1, next))).toEqual(at(1, next))
    expect(laterOf(at(1, next), at(9))).toEqual(at(1, next))
    expect(laterOf(at(2), at(3))).toEqual(at(3))
    expect(laterOf(at(3), at(2))).toEqual(at(3))
  })

  it('keeps what either knows of the log, where both stand at the same', () => {
    const [known, other] = [
      { ...at(3), witness: '1-0' },
      { ...at(3), witness: '2-0' },
    ]
    expect(laterOf(known, at(3)).witness).toBe('1-0')
    expect(laterOf(known, other).witness).toBe('2-0')
    expect(laterOf(known, at(4)).witness).toBeUndefined()
  })
})
