import { expect, it } from '@jest/globals'
import type { RedisClient } from '../../../../lib/redis/client.js'
import type { Health } from '../../../../lib/revocation/redis/health/health.js'
import { parseLineage } from '../../../../lib/revocation/redis/schema/lineage.js'
import { compileSettings } from '../../../../lib/revocation/redis/schema/options.js'
import { createStrictReader } from '../../../../lib/revocation/redis/strict/strict-reader.js'
import { manualTimer } from '../../../support/manual-timer.js'
import { token } from '../../../support/redis-store.js'

const LINEAGE = 'v2:1000000:first:-:0:0'
const timer = manualTimer()

/** A reader that has asked nothing but for tokens yet, and the MGETs that wait for an answer. */
async function readerOfTokens() {
  const answers: ((kinds: string) => Promise<void>)[] = []
  const client = {
    call: (_command: string, keys: readonly string[]) =>
      new Promise((resolve) => {
        const absent = keys.slice(3).map(() => null)
        answers.push((kinds) => {
          resolve([LINEAGE, '0', kinds, ...absent])
          return timer.advance(0)
        })
      }),
  }
  const position = { lineage: parseLineage(LINEAGE)!, sequence: 0 }
  const health: Partial<Health> = {
    client: client as unknown as RedisClient,
    position,
    state: 'ready',
    isFresh: () => true,
    examine: (_sentWith, { kinds = '' }) => ({ kind: 'intact', position, kinds }),
    beat: () => Promise.resolve(),
  }
  const settings = { ...compileSettings({ redis: 'redis://127.0.0.1', deadlineMs: 100 }), timer }
  const reader = createStrictReader(settings, health as Health)
  const check = async (): Promise<string> => {
    try {
      const { revoked } = await reader.check(token(), undefined)
      return String(revoked)
    } catch (error) {
      return String(error)
    }
  }
  const first = check()
  await timer.advance(0)
  await answers.shift()!('-j')
  expect(await first).toBe('false')
  return { check, answers }
}

const byNow = (outcome: Promise<string>): Promise<string> =>
  Promise.race([outcome, timer.advance(0).then(() => 'pending')])

it('a check that asks again has the deadline of the first time', async () => {
  const { check, answers } = await readerOfTokens()
  const outcome = check()
  await timer.advance(80)
  await answers.shift()!('-js')
  await timer.advance(19)
  expect(answers).toHaveLength(1)
  await timer.advance(1)
  expect(await byNow(outcome)).toMatch(/did not answer/)
})

it('a check that is told of another kind each time ends with its deadline', async () => {
  const { check, answers } = await readerOfTokens()
  const outcome = check()
  await timer.advance(0)
  for (let turn = 0; turn < 9; turn += 1) {
    await answers.shift()!(turn % 2 === 0 ? '-s' : '-c')
    await timer.advance(11)
  }
  await timer.advance(1)
  expect(await byNow(outcome)).toMatch(/did not answer/)
})
