import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import {
  AT_FIRST,
  isFinal,
  isNews,
  next,
  TRANSITIONS,
  type Condition,
  type Happening,
  type StoredState,
} from '../../../../lib/revocation/redis/health/transitions.js'
import { FUZZ_RUNS } from '../../../support/runs.js'

const STATES = Object.keys(TRANSITIONS) as readonly StoredState[]

const failed = { kind: 'failed', permanent: false, beat: false, cause: 'c', detail: 'why' } as const
const HAPPENINGS = {
  connected: { kind: 'connected' },
  failed,
  'failed beat': { ...failed, beat: true },
  'permanent failure': { ...failed, permanent: true },
  proven: { kind: 'proven', detail: undefined },
  'proven, undurable': { kind: 'proven', detail: 'no append-only file' },
  lost: { kind: 'lost', detail: 'why' },
  refused: { kind: 'refused', detail: 'why' },
  contradicted: { kind: 'contradicted', detail: 'why' },
  closed: { kind: 'closed' },
} satisfies Record<string, Happening>

const inState = (state: StoredState, doubted = false): Condition => ({
  state,
  detail: 'before',
  cause: undefined,
  doubted,
})

const after = (happenings: readonly Happening[]): Condition => happenings.reduce(next, AT_FIRST)

describe('the condition of a store', () => {
  it.each<[StoredState, keyof typeof HAPPENINGS, StoredState]>([
    ['down', 'connected', 'verifying'],
    ['down', 'failed', 'down'],
    ['down', 'permanent failure', 'refused'],
    ['down', 'proven', 'ready'],
    ['down', 'lost', 'lost'],
    ['down', 'refused', 'refused'],
    ['down', 'contradicted', 'down'],
    ['verifying', 'connected', 'verifying'],
    ['verifying', 'failed beat', 'down'],
    ['verifying', 'permanent failure', 'refused'],
    ['verifying', 'proven', 'ready'],
    ['verifying', 'lost', 'lost'],
    ['verifying', 'refused', 'refused'],
    ['verifying', 'contradicted', 'verifying'],
    ['ready', 'connected', 'verifying'],
    ['ready', 'failed', 'down'],
    ['ready', 'permanent failure', 'refused'],
    ['ready', 'proven', 'ready'],
    ['ready', 'proven, undurable', 'ready'],
    ['ready', 'lost', 'lost'],
    ['ready', 'refused', 'refused'],
    ['ready', 'contradicted', 'verifying'],
    ['lost', 'connected', 'verifying'],
    ['lost', 'failed', 'down'],
    ['lost', 'permanent failure', 'refused'],
    ['lost', 'proven', 'ready'],
    ['lost', 'lost', 'lost'],
    ['lost', 'refused', 'refused'],
    ['lost', 'contradicted', 'lost'],
    ['refused', 'connected', 'verifying'],
    ['refused', 'failed', 'down'],
    ['refused', 'permanent failure', 'refused'],
    ['refused', 'proven', 'ready'],
    ['refused', 'lost', 'lost'],
    ['refused', 'refused', 'refused'],
    ['refused', 'contradicted', 'refused'],
  ])('after %s, by %s: %s', (before, happening, state) => {
    expect(next(inState(before), HAPPENINGS[happening]).state).toBe(state)
  })

  it.each(Object.entries(HAPPENINGS))('once closed, stays as it is: %s', (_name, happening) => {
    const closed = inState('closed')
    expect(next(closed, happening)).toBe(closed)
  })

  it.each(STATES)('%s ends by closing', (state) => {
    expect(next(inState(state), HAPPENINGS.closed).state).toBe('closed')
  })

  it.each(STATES.filter((state) => state !== 'ready'))(
    '%s keeps its reason where a check contradicts it: only a store that is ready is believed',
    (state) => {
      const before = inState(state)
      expect(next(before, HAPPENINGS.contradicted)).toBe(before)
    },
  )

  it('is no better for a new connection to a server that answered a beat badly', () => {
    const doubted = after([HAPPENINGS.connected, HAPPENINGS['failed beat'], failed])
    expect(doubted).toMatchObject({ state: 'down', doubted: true })
    expect(next(doubted, HAPPENINGS.connected)).toBe(doubted)
  })

  it.each(['proven', 'lost', 'refused'] as const)('loses that doubt by an answer: %s', (answer) => {
    const answered = after([HAPPENINGS['failed beat'], HAPPENINGS[answer], failed])
    expect(answered.doubted).toBe(false)
    expect(next(answered, HAPPENINGS.connected).state).toBe('verifying')
  })

  it('is not in doubt for a connection that was lost', () => {
    expect(after([HAPPENINGS.connected, HAPPENINGS.proven, failed]).doubted).toBe(false)
  })

  it('shows the error of a failure, and of nothing else', () => {
    const down = after([failed])
    expect(down).toMatchObject({ detail: 'why', cause: 'c' })
    expect(next(down, HAPPENINGS.lost)).toMatchObject({ detail: 'why', cause: undefined })
  })

  it('is verified from the first connection on', () => {
    expect(after([HAPPENINGS.connected])).toMatchObject({
      state: 'verifying',
      detail: 'connected, but nothing is proven yet',
    })
  })

  it('has closing as its reason once it is closed', () => {
    expect(after([HAPPENINGS.closed]).detail).toBe('it was closed')
  })

  it('has a reason while it is ready only where something about it is amiss', () => {
    expect(after([HAPPENINGS.proven]).detail).toBeUndefined()
    expect(after([HAPPENINGS['proven, undurable']]).detail).toBe('no append-only file')
  })
})

describe('isFinal', () => {
  it.each<[StoredState, boolean, boolean]>([
    ['down', false, false],
    ['verifying', false, false],
    ['ready', false, false],
    ['lost', false, true],
    ['refused', true, true],
    ['closed', true, true],
  ])('%s waits for a person: %s by floor, %s by refuse', (state, byFloor, byRefuse) => {
    expect(isFinal(state, 'floor')).toBe(byFloor)
    expect(isFinal(state, 'refuse')).toBe(byRefuse)
  })
})

/** The conditions that a listener is told of. */
function toldIn(happenings: readonly Happening[]): readonly Condition[] {
  const told: Condition[] = []
  let now = AT_FIRST
  for (const happening of happenings) {
    now = next(now, happening)
    if (isNews(told.at(-1), now)) told.push(now)
  }
  return told
}

describe('whatever happens', () => {
  const stories = fc.array(fc.constantFrom(...Object.values(HAPPENINGS)), { maxLength: 30 })

  it('nothing is told after closing, and closing is told once', () => {
    fc.assert(
      fc.property(stories, stories, (before, behind) => {
        const upTo = [...before, HAPPENINGS.closed]
        expect(toldIn([...upTo, ...behind])).toEqual(toldIn(upTo))
        expect(toldIn(upTo).filter(({ state }) => state === 'closed')).toHaveLength(1)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('each event is of another state than the last, or of another reason of a store that is ready', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const told = toldIn(story)
        for (const [i, { state, detail }] of told.entries()) {
          const before = told[i - 1]
          const isNew = state !== before?.state || (state === 'ready' && detail !== before.detail)
          expect(isNew).toBe(true)
        }
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('the last event is of the state it is in, so that a listener is never behind', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const begun = [HAPPENINGS.connected, ...story]
        expect(toldIn(begun).at(-1)?.state).toBe(after(begun).state)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('the first failure is told, although a store begins as down', () => {
    expect(toldIn([failed, failed])).toEqual([after([failed])])
  })

  it('another reason is told of a store that is ready, and of no other', () => {
    const { proven, lost, 'proven, undurable': undurable } = HAPPENINGS
    expect(toldIn([proven, undurable, undurable, proven])).toHaveLength(3)
    expect(toldIn([lost, { ...lost, detail: 'another' }])).toHaveLength(1)
  })

  it('only a proof makes a store ready', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const unproven = story.filter(({ kind }) => kind !== 'proven')
        expect(after([...story, HAPPENINGS.lost, ...unproven]).state).not.toBe('ready')
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describe('the diagram of docs/revocation.md', () => {
  const page = readFileSync('docs/revocation.md', 'utf8')
  const arrows = [...page.matchAll(/^ {4}(\w+) --> (\w+) : (.*)$/gm)]
    .map(([, from = '', to = '', by = '']) => ({ from, to, by: by.split(', ') }))
    .filter(({ from, to }) => from !== 'stale' && to !== 'stale')

  it('has all transitions of the table, and no other', () => {
    const drawn = arrows.flatMap(({ from, to, by }) => by.map((kind) => `${from} ${kind} ${to}`))
    const written = Object.entries(TRANSITIONS).flatMap(([from, row]) =>
      Object.entries(row)
        .filter(([, to]) => from !== to)
        .map(([kind, to]) => `${from} ${kind} ${to}`),
    )
    expect(drawn.toSorted()).toEqual(written.toSorted())
  })
})
