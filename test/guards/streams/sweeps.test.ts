import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Stream } from '../../../lib/guards/streams/stream.js'
import { Sweeps } from '../../../lib/guards/streams/sweeps.js'
import type { Recheck } from '../../../lib/http/guard/recheck.js'
import { settle } from '../../support/manual-timer.js'

let sweeps: Sweeps
let asked: string[]

beforeEach(() => {
  sweeps = new Sweeps()
  asked = []
})

interface Watched extends Recheck {
  readonly told: (() => void)[]
  readonly ended: number[]
}

/** A denylist that tells of revocations when the test says so. */
function denylist(): Watched {
  const told: (() => void)[] = []
  const ended: number[] = []
  return {
    told,
    ended,
    again: () => undefined,
    bypass: () => false,
    watch(changed) {
      told.push(changed)
      return () => void ended.push(1)
    },
  }
}

function stream(name: string, denylists: readonly Recheck[], atOnce = true): Stream {
  const ask = (): boolean => {
    asked.push(name)
    return atOnce
  }
  return { denylists, ask } as unknown as Stream
}

async function run(): Promise<string[]> {
  sweeps.run()
  for (let turns = 0; turns < 5; turns += 1) await settle()
  return asked.splice(0)
}

describe('streams whose denylist tells of revocations', () => {
  it('are all asked about once something was revoked, and not again', async () => {
    const list = denylist()
    sweeps.add(stream('a', [list]))
    sweeps.add(stream('b', [list]))
    expect(list.told).toHaveLength(1)
    expect(await run()).toEqual([])
    list.told[0]!()
    list.told[0]!()
    expect(await run()).toEqual(['a', 'b'])
    expect(await run()).toEqual([])
  })

  it('are asked about by the denylist that told, and by no other', async () => {
    const one = denylist()
    const other = denylist()
    sweeps.add(stream('a', [one, other]))
    sweeps.add(stream('b', [other]))
    one.told[0]!()
    expect(await run()).toEqual(['a'])
    other.told[0]!()
    expect(await run()).toEqual(['a', 'b'])
  })

  it('are asked about no more once they have ended; the last one ends the watch', async () => {
    const list = denylist()
    const [a, b] = [stream('a', [list]), stream('b', [list])]
    sweeps.add(a)
    sweeps.add(b)
    sweeps.remove(a)
    expect(list.ended).toEqual([])
    list.told[0]!()
    expect(await run()).toEqual(['b'])
    sweeps.remove(b)
    sweeps.remove(b)
    expect(list.ended).toEqual([1])
    list.told[0]!()
    expect(await run()).toEqual([])
    sweeps.add(a)
    expect(list.told).toHaveLength(2)
  })

  it('are left to their turns where an answer takes a question to a server', async () => {
    const list = denylist()
    sweeps.add(stream('a', [list]))
    sweeps.add(stream('b', [list], false))
    sweeps.add(stream('c', [list]))
    list.told[0]!()
    expect(await run()).toEqual(['a', 'b'])
  })

  it('are asked about 500 in a turn, and a sweep under way is the only one', async () => {
    const list = denylist()
    for (let n = 0; n < 1001; n += 1) sweeps.add(stream(`${n}`, [list]))
    list.told[0]!()
    sweeps.run()
    expect(asked).toHaveLength(500)
    list.told[0]!()
    sweeps.run()
    expect(asked).toHaveLength(500)
    await settle()
    expect(asked).toHaveLength(1000)
    await settle()
    expect(asked).toHaveLength(1001)
    // Streams that came meanwhile are swept next.
    asked.length = 0
    expect(await run()).toHaveLength(1001)
  })
})

describe('a denylist', () => {
  it.each<[string, Recheck['watch']]>([
    ['cannot tell', undefined],
    [
      'fails to be watched',
      () => {
        throw new Error('x')
      },
    ],
    ['gives nothing to end it by', (() => undefined) as never],
    [
      'fails to end',
      () => () => {
        throw new Error('x')
      },
    ],
  ])('that %s does no harm', async (_name, watch) => {
    const list = { again: () => undefined, bypass: () => false, ...(watch && { watch }) }
    const one = stream('a', [list])
    sweeps.add(one)
    expect(await run()).toEqual([])
    expect(() => sweeps.remove(one)).not.toThrow()
  })
})
