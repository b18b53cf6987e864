import { describe, expect, it } from '@jest/globals'
import { createProofs, type Proofs } from '../../../../lib/revocation/redis/replica/proofs.js'
import { parseLineage, type BeatProof } from '../../../../lib/revocation/redis/schema/lineage.js'
import { manualTimer, type ManualTimer } from '../../../support/manual-timer.js'

const BOUND_MS = 1000

function proofs(): { readonly timer: ManualTimer; readonly proofs: Proofs } {
  const timer = manualTimer(0)
  return { timer, proofs: createProofs(timer, BOUND_MS) }
}

/** A beat that found so many entries, in a lineage that began with `start` of them. */
function beat(sentAt: number, sequence: number, lastEntry?: string, start = 0): BeatProof {
  const lineage = parseLineage(`v1:1000:id:-:${start}:0`)!
  return { position: { lineage, sequence }, lastEntry, sentAt }
}

describe('the freshness of a replica', () => {
  it('is not given before a beat has proven it', () => {
    const { proofs: held } = proofs()
    expect(held).toMatchObject({ fresh: false, waiting: false })
    held.prove({ sequence: 5, id: '5-0' })
    expect(held.fresh).toBe(false)
  })

  it('is proven at once where the log is empty', () => {
    const { proofs: held } = proofs()
    held.add(beat(0, 0))
    held.prove(undefined)
    expect(held).toMatchObject({ fresh: true, waiting: false })
  })

  it.each<[string, BeatProof, { sequence: number; id: string } | undefined, boolean]>([
    ['nothing is applied', beat(0, 3, '10-2'), undefined, false],
    ['an entry is missing by its sequence', beat(0, 3, '10-2'), { sequence: 2, id: '10-2' }, false],
    ['an entry is missing by its number', beat(0, 3, '10-2'), { sequence: 3, id: '10-1' }, false],
    ['an entry is missing by its time', beat(0, 3, '10-2'), { sequence: 3, id: '9-7' }, false],
    ['times are compared as numbers', beat(0, 3, '10-2'), { sequence: 3, id: '9-70' }, false],
    ['all is applied', beat(0, 3, '10-2'), { sequence: 3, id: '10-2' }, true],
    ['more is applied', beat(0, 3, '10-2'), { sequence: 4, id: '11-0' }, true],
    [
      'the missing entry was before the lineage began',
      beat(0, 3, '10-2', 3),
      { sequence: 1, id: '10-2' },
      true,
    ],
  ])('needs all that the beat saw: %s', (_name, proof, applied, fresh) => {
    const { proofs: held } = proofs()
    held.add(proof)
    held.prove(applied)
    expect(held).toMatchObject({ fresh, waiting: !fresh })
  })

  it('lasts as long as the bound from the sending of the beat, not from its proof', async () => {
    const { timer, proofs: held } = proofs()
    held.add(beat(0, 1, '1-0'))
    await timer.advance(900)
    held.prove({ sequence: 1, id: '1-0' })
    await timer.advance(BOUND_MS - 900)
    expect(held.fresh).toBe(true)
    await timer.advance(1)
    expect(held.fresh).toBe(false)
  })

  it('is that of the latest beat that is proven, while later ones wait', async () => {
    const { timer, proofs: held } = proofs()
    held.add(beat(0, 1, '1-0'))
    held.add(beat(100, 2, '2-0'))
    held.add(beat(200, 3, '3-0'))
    held.prove({ sequence: 2, id: '2-0' })
    expect(held.waiting).toBe(true)
    await timer.advance(BOUND_MS + 100)
    expect(held.fresh).toBe(true)
    await timer.advance(1)
    expect(held.fresh).toBe(false)
  })

  it('does not come from a beat that is too old: behind a log that hangs, they do not pile up', async () => {
    const { timer, proofs: held } = proofs()
    held.add(beat(0, 1, '1-0'))
    await timer.advance(BOUND_MS + 1)
    held.add(beat(timer.now(), 2, '2-0'))
    held.prove({ sequence: 1, id: '1-0' })
    expect(held).toMatchObject({ fresh: false, waiting: true })
  })

  it('ends with a loss, for beats that wait as well', () => {
    const { proofs: held } = proofs()
    held.add(beat(0, 1, '1-0'))
    held.prove({ sequence: 1, id: '1-0' })
    held.add(beat(0, 2, '2-0'))
    held.forget()
    expect(held).toMatchObject({ fresh: false, waiting: false })
    held.prove({ sequence: 2, id: '2-0' })
    expect(held.fresh).toBe(false)
  })
})
