import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { judgeRotation, type FamilyRules, type StoredFamily } from '../../lib/session/family.js'
import type { FamilyStore } from '../../lib/session/family-store.js'
import { newFamilyId, type FamilyId } from '../../lib/session/family-token.js'

export interface FamilyStoreUnderTest {
  readonly store: FamilyStore
  /** Lets time pass for the store. */
  later(ms: number): Promise<void> | void
  end(): Promise<void>
}

const ISSUER = 'https://id.test'
const LOGIN = { subject: 'user-1', clientId: 'app', sessionId: 'session-1' }
const LIFETIME = { idleMs: 600_000, absoluteMs: 3_600_000, mostPerSubject: 3 }
const RULES: FamilyRules = { idleMs: 600_000, graceMs: 10_000 }

/** Requirements that every store of families meets. */
export function familyStoreContract(open: () => Promise<FamilyStoreUnderTest>): void {
  let opened: FamilyStoreUnderTest
  let store: FamilyStore

  beforeEach(async () => {
    opened = await open()
    store = opened.store
  })
  afterEach(() => opened.end())

  async function begin(sessionId = 'session-1'): Promise<FamilyId> {
    const id = newFamilyId(ISSUER, LOGIN.subject)
    await store.start(id, { ...LOGIN, sessionId }, LIFETIME)
    return id
  }

  async function present(id: FamilyId, count: number, clientId = 'app'): Promise<unknown> {
    return (await store.rotate(id, { count, clientId }, RULES))?.rotation
  }

  it('begins a family with the number 1 and the times of the login', async () => {
    const id = newFamilyId(ISSUER, LOGIN.subject)
    const started = await store.start(id, LOGIN, LIFETIME)
    expect(started).toMatchObject({ ...LOGIN, count: 1, state: 'live' })
    expect(started.expiresAtMs - started.startedAtMs).toBe(LIFETIME.absoluteMs)
    expect(started.rotatedAtMs).toBe(started.startedAtMs)
    expect(await store.find(id)).toStrictEqual(started)
  })

  it('knows no family that never began, and begins none by asking', async () => {
    const id = newFamilyId(ISSUER, 'nobody')
    expect(await store.find(id)).toBeUndefined()
    expect(await store.rotate(id, { count: 1, clientId: 'app' }, RULES)).toBeUndefined()
    expect(await store.end(id, 'ended')).toBeUndefined()
    expect(await store.find(id)).toBeUndefined()
  })

  it('gives all who race the same successor, and rotates once', async () => {
    const id = await begin()
    const racers = await Promise.all(
      Array.from({ length: 20 }, () => store.rotate(id, { count: 1, clientId: 'app' }, RULES)),
    )
    const rotations = racers.map((racer) => racer?.rotation)
    expect(rotations.filter((rotation) => rotation === 'rotated')).toHaveLength(1)
    expect(rotations.filter((rotation) => rotation === 'again')).toHaveLength(19)
    expect(new Set(racers.map((racer) => racer?.family.count))).toStrictEqual(new Set([2]))
  })

  it('ends the grace of a token as soon as its successor is used', async () => {
    const id = await begin()
    await present(id, 1)
    await present(id, 2)
    expect(await present(id, 1)).toBe('reused')
    expect(await present(id, 3)).toBe('reused')
  })

  it.each([
    ['within the grace', 9_000, 'again'],
    ['after it', 10_001, 'reused'],
  ])('takes the predecessor of the good token %s', async (_when, ms, expected) => {
    const id = await begin()
    await present(id, 1)
    await opened.later(ms)
    expect(await present(id, 1)).toBe(expected)
  })

  it('gives no longer grace where the clock goes back', async () => {
    const id = await begin()
    expect(await present(id, 1)).toBe('rotated')
    await opened.later(-11_000)
    expect(await present(id, 1)).toBe('reused')
  })

  it('takes no token twice where there is no grace', async () => {
    const id = await begin()
    const strict = { ...RULES, graceMs: 0 }
    await store.rotate(id, { count: 1, clientId: 'app' }, strict)
    const again = await store.rotate(id, { count: 1, clientId: 'app' }, strict)
    expect(again?.rotation).toBe('reused')
  })

  it('refuses another client, and leaves the family alone', async () => {
    const id = await begin()
    expect(await present(id, 1, 'other')).toBe('wrong_client')
    expect(await present(id, 1)).toBe('rotated')
  })

  it('ends a family whose tokens it has forgotten', async () => {
    const id = await begin()
    expect(await present(id, 5)).toBe('ahead')
    expect((await store.find(id))?.state).toBe('reused')
  })

  it('ends a family that was not used for the idle time, and slides it on by each use', async () => {
    const used = await begin()
    const unused = await begin('session-2')
    await opened.later(400_000)
    expect(await present(used, 1)).toBe('rotated')
    await opened.later(400_000)
    expect(await present(used, 2)).toBe('rotated')
    expect([undefined, 'expired']).toContain(await present(unused, 1))
  })

  it('ends a family at its absolute time, however often it is used', async () => {
    const id = await begin()
    for (let count = 1; count <= 7; count += 1) {
      expect(await present(id, count)).toBe('rotated')
      await opened.later(500_000)
    }
    await opened.later(100_000)
    expect([undefined, 'expired']).toContain(await present(id, 8))
  })

  it('keeps an ended family ended', async () => {
    const id = await begin()
    await store.end(id, 'ended')
    expect(await present(id, 1)).toBe('ended')
    expect(await present(id, 1)).toBe('ended')
  })

  it('ends all families of a user but those of one session, and none of another user', async () => {
    const here = await begin('here')
    const there = await begin('there')
    const other = newFamilyId(ISSUER, 'user-2')
    await store.start(other, { ...LOGIN, subject: 'user-2' }, LIFETIME)
    expect(await store.endSubject(here.tag, 'here')).toBe(1)
    expect(await present(here, 1)).toBe('rotated')
    expect(await present(there, 1)).toBe('ended')
    expect(await present(other, 1)).toBe('rotated')
    expect(await store.endSubject(here.tag, undefined)).toBe(1)
  })

  it('lists the live families of a user, the oldest first', async () => {
    const first = await begin('first')
    await opened.later(1000)
    const second = await begin('second')
    await opened.later(1000)
    await begin('third')
    await store.end(second, 'ended')
    const listed = await store.list(first.tag)
    expect(listed.map(({ sessionId }) => sessionId)).toStrictEqual(['first', 'third'])
  })

  it('forgets the oldest families of a user who has too many', async () => {
    const ids: FamilyId[] = []
    for (const session of ['a', 'b', 'c', 'd', 'e']) {
      ids.push(await begin(session))
      await opened.later(1000)
    }
    expect(await store.list(ids[0]!.tag)).toHaveLength(LIFETIME.mostPerSubject)
    expect(await store.find(ids[0]!)).toBeUndefined()
    expect(await present(ids[4]!, 1)).toBe('rotated')
  })

  describe('by any sequence of uses', () => {
    const step = fc.record({
      back: fc.integer({ min: -1, max: 3 }),
      clientId: fc.constantFrom('app', 'app', 'app', 'app', 'other'),
      laterMs: fc.constantFrom(0, 0, 0, 4_000, 11_000, 700_000),
    })

    it('says what judgeRotation says', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const id = newFamilyId(ISSUER, `user-${randomUUID()}`)
          const started = await store.start(id, LOGIN, LIFETIME)
          let model: StoredFamily = {
            ...started,
            startedAtMs: 0,
            rotatedAtMs: 0,
            expiresAtMs: LIFETIME.absoluteMs,
          }
          let now = 0
          for (const { back, clientId, laterMs } of steps) {
            await opened.later(laterMs)
            now += laterMs
            const presented = { count: Math.max(1, model.count - back), clientId }
            const rotated = await store.rotate(id, presented, RULES)
            const isOver = now >= Math.min(model.rotatedAtMs + RULES.idleMs, model.expiresAtMs)
            expect(rotated === undefined).toBe(isOver)
            if (rotated === undefined) return
            const expected = judgeRotation(model, presented, RULES, now)
            expect(rotated.rotation).toBe(expected)
            if (expected === 'rotated') {
              model = { ...model, count: model.count + 1, rotatedAtMs: now }
            } else if (expected === 'reused' || expected === 'ahead') {
              model = { ...model, state: 'reused' }
            }
            expect(rotated.family).toMatchObject({ count: model.count, state: model.state })
          }
        }),
        { numRuns: 40 },
      )
    })
  })
}
