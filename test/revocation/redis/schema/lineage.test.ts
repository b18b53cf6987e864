import { describe, expect, it } from '@jest/globals'
import {
  examine,
  laterOf,
  parseLineage,
  type Observation,
  type Position,
} from '../../../../lib/revocation/redis/schema/lineage.js'

const OLD = 'v1:1000000:first:-:0:0'
const NEW = 'v1:2000000:second:2000:5:5'
const V2 = 'v2:1000000:first:-:0:0'
const LATER_V2 = 'v2:2000000:second:2000:5:5'

const position = (record: string, sequence: number): Position => ({
  lineage: parseLineage(record)!,
  sequence,
})

const seen = (lineage: string | undefined, sequence: string | undefined): Observation => ({
  lineage,
  sequence,
})

describe('examine', () => {
  it.each<[string, Position | undefined, Observation, string]>([
    ['the same data', position(OLD, 5), seen(OLD, '5'), 'intact'],
    ['the same data and more', position(OLD, 5), seen(OLD, '9'), 'intact'],
    ['data never seen before', undefined, seen(OLD, '5'), 'intact'],
    ['fewer revocations', position(OLD, 5), seen(OLD, '4'), 'lost'],
    ['no sequence', position(OLD, 5), seen(OLD, undefined), 'lost'],
    ['a sequence that is none', position(OLD, 5), seen(OLD, 'many'), 'lost'],
    ['no lineage any more', position(OLD, 5), seen(undefined, '5'), 'lost'],
    ['nothing, and nothing known', undefined, seen(undefined, undefined), 'empty'],
    ['data without a lineage', undefined, seen(undefined, '5'), 'lost'],
    ['a log without a lineage', undefined, { ...seen(undefined, undefined), logged: 3 }, 'lost'],
    ['a later lineage with a floor', position(OLD, 9), seen(NEW, '5'), 'replaced'],
    ['an earlier lineage', position(NEW, 9), seen(OLD, '9'), 'lost'],
    [
      'a later lineage without a floor',
      position(OLD, 9),
      seen('v1:2000000:second:-:9:9', '9'),
      'lost',
    ],
    [
      'a later lineage whose floor lies before its beginning',
      position(OLD, 9),
      seen('v1:2000000:second:1999:9:9', '9'),
      'lost',
    ],
    [
      'another lineage of the same age',
      position(OLD, 9),
      seen('v1:1000000:other:1000:9:9', '9'),
      'lost',
    ],
    ['a sequence before its lineage', undefined, seen(NEW, '4'), 'lost'],
    [
      'a record of a later version',
      position(OLD, 5),
      seen('v3:1000000:a:-:0:0', '5'),
      'unreadable',
    ],
    ['a record that is none', position(OLD, 5), seen('v2:anything', '5'), 'unreadable'],
    ['a record of a build that counted kinds', position(V2, 5), seen(V2, '5'), 'intact'],
    ['fewer revocations in data of that build', position(V2, 5), seen(V2, '4'), 'lost'],
    ['a later lineage of that build', position(OLD, 9), seen(LATER_V2, '5'), 'replaced'],
    ['a log entry gone', position(OLD, 5), { ...seen(OLD, '9'), witnessed: false }, 'lost'],
    ['a log begun anew', position(OLD, 5), { ...seen(OLD, '9'), logged: 2 }, 'lost'],
    ['a log that is complete', position(OLD, 5), { ...seen(OLD, '9'), logged: 9 }, 'intact'],
    ['a log nobody counts', position(OLD, 5), { ...seen(OLD, '9'), logged: undefined }, 'intact'],
  ])('%s', (_name, known, observation, expected) => {
    expect(examine(known, observation).kind).toBe(expected)
  })

  it('does not hold an answer against what was learnt after the question', () => {
    const sentWith = position(OLD, 5)
    const learnt = laterOf(sentWith, position(OLD, 9))
    expect(examine(sentWith, seen(OLD, '7')).kind).toBe('intact')
    expect(laterOf(learnt, position(OLD, 7)).sequence).toBe(9)
  })
})

describe('laterOf', () => {
  it('goes by lineage first, and by sequence within one', () => {
    expect(laterOf(position(OLD, 100), position(NEW, 5))).toEqual(position(NEW, 5))
    expect(laterOf(position(NEW, 5), position(OLD, 100))).toEqual(position(NEW, 5))
    expect(laterOf(position(NEW, 5), position(NEW, 6))).toEqual(position(NEW, 6))
  })

  it('keeps the witness where nothing new has come', () => {
    const witnessed = { ...position(NEW, 5), witness: '1-1' }
    expect(laterOf(witnessed, position(NEW, 5)).witness).toBe('1-1')
    expect(laterOf(witnessed, position(NEW, 6)).witness).toBeUndefined()
  })
})
