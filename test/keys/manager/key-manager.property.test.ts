import { beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { FetchError } from '../../../lib/net/fetch-error.js'
import type { Answer } from '../../support/fake-fetcher.js'
import { FUZZ_RUNS } from '../../support/runs.js'
import { MINUTE, manageKeys, SECOND, type ManagedKeys } from '../../support/managed-keys.js'

/** What may happen to a key manager. */
type Step =
  | { readonly do: 'ask'; readonly keyIds: readonly string[] }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'answer'; readonly answer: Answer }

const BURST = 5
const INTERVAL_MS = 30 * SECOND
const TTL_MS = 10 * MINUTE
const MAX_STALE_MS = 30 * MINUTE

const keyId = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.nat(1000).map((number) => `forged-${number}`),
)
const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ keyIds: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }) }),
  fc.constant<Answer>({ keyIds: [] }),
  fc.constant<Answer>('silence'),
  fc
    .option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined })
    .map((retryAfterSeconds) => ({ fails: new FetchError('down', { retryAfterSeconds }) })),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('ask' as const),
    keyIds: fc.array(keyId, { minLength: 1, maxLength: 20 }),
  }),
  fc.record({
    do: fc.constant('wait' as const),
    milliseconds: fc.oneof(
      fc.integer({ min: 0, max: 5000 }),
      fc.integer({ min: 0, max: 90 * MINUTE }),
    ),
  }),
  fc.record({ do: fc.constant('answer' as const), answer }),
)

/** The last set that a fetch brought, and when: all that the manager may and must serve. */
interface Truth {
  keyIds: readonly string[]
  at: number
}

async function run(steps: readonly Step[], check: (keys: ManagedKeys) => unknown): Promise<void> {
  const keys = await manageKeys({
    ttlSeconds: TTL_MS / SECOND,
    maxStaleSeconds: MAX_STALE_MS / SECOND,
    refetchBurst: BURST,
    refetchIntervalSeconds: INTERVAL_MS / SECOND,
  })
  try {
    for (const item of steps) {
      await take(item, keys)
      await check(keys)
    }
  } finally {
    keys.manager.close()
  }
}

async function take(item: Step, keys: ManagedKeys): Promise<void> {
  if (item.do === 'wait') await keys.timer.advance(item.milliseconds)
  else if (item.do === 'answer') keys.issuer.answer = item.answer
  else {
    const answers = item.keyIds.map((id) => keys.found(id))
    await keys.timer.advance(2500)
    await Promise.all(answers)
  }
}

const steps = fc.array(step, { maxLength: 25 })

describe('createKeyManager, whatever happens', () => {
  beforeAll(() => fc.configureGlobal({ numRuns: FUZZ_RUNS }))

  it('never has two fetches under way', () =>
    fc.assert(
      fc.asyncProperty(steps, (list) =>
        run(list, ({ issuer }) => expect(issuer.concurrent).toBeLessThanOrEqual(1)),
      ),
    ))

  it('fetches no more than the budget, the refreshes and the retries come to', () =>
    fc.assert(
      fc.asyncProperty(steps, async (list) => {
        let began: number | undefined
        await run(list, ({ timer, issuer }) => {
          began ??= timer.now()
          const elapsedMs = timer.now() - began + 2500
          const unknownKeys = BURST + elapsedMs / INTERVAL_MS
          const refreshes = 1 + elapsedMs / (0.9 * 0.95 * TTL_MS)
          // Failures are at least half a second apart, and doubled up to half of 5 seconds.
          const retries = 3 + elapsedMs / 2500
          expect(issuer.fetches).toBeLessThanOrEqual(unknownKeys + refreshes + retries)
        })
      }),
    ))

  it('serves the last good set, all of it and nothing else, until it is dead', () =>
    fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const truth: Truth = { keyIds: [], at: 0 }
        await run(list, ({ timer, manager }) => {
          const { state, keyIds, ageSeconds } = manager.status()
          if (ageSeconds === undefined) return
          const fetchedAt = timer.now() - ageSeconds * 1000
          if (fetchedAt > truth.at) Object.assign(truth, { keyIds, at: fetchedAt })
          // A failure changes neither the keys nor their age.
          expect(keyIds).toEqual(truth.keyIds)
          const ageMs = ageSeconds * 1000
          expect(state).toBe(
            ageMs < TTL_MS ? 'fresh' : ageMs < TTL_MS + MAX_STALE_MS ? 'stale' : 'dead',
          )
          if (state === 'dead') return
          for (const id of keyIds) expect(manager.find(id)).toHaveLength(1)
        })
      }),
    ))

  it('serves a withdrawn key no longer than its lifetime, once the issuer is well', () =>
    fc.assert(
      fc.asyncProperty(steps, (list) => {
        const withdrawal: Step[] = [
          { do: 'answer', answer: { keyIds: ['kept'] } },
          { do: 'wait', milliseconds: TTL_MS },
        ]
        let taken = 0
        return run([...list, ...withdrawal], async (keys) => {
          taken += 1
          if (taken < list.length + withdrawal.length) return
          expect(await keys.found('kept')).toBe(1)
          for (const id of ['a', 'b', 'c', 'd']) {
            expect(keys.manager.status().keyIds).not.toContain(id)
          }
        })
      }),
    ))

  it('calls a key unknown only where the issuer was asked and did not have it', () =>
    fc.assert(
      fc.asyncProperty(answer, keyId, async (given, id) => {
        const keys = await manageKeys()
        keys.issuer.answer = given
        const verdict = keys.found(id)
        await keys.timer.advance(2500)
        const published = typeof given === 'object' && 'keyIds' in given ? given.keyIds : []
        const expected =
          published.length === 0 ? /^unavailable/ : published.includes(id) ? /^1$/ : /^0$/
        expect(String(await verdict)).toMatch(expected)
        keys.manager.close()
      }),
    ))
})
