import { createCases, LIVE_TOKENS } from './cases.js'
import { cpuMicrosSince, demand, interleave } from './interleave.js'
import { openReplica, PATIENCE } from './replica.js'

const CHECKS = 100_000

/** Checks ask the memory of this process: about tokens that were checked before, and new ones. */
export async function measureReplicated({ servers }) {
  const subjects = []
  for (const { redisUrl, size } of servers) {
    const store = await openReplica({ redis: redisUrl, ...PATIENCE })
    subjects.push({ store, size, cases: createCases(size, LIVE_TOKENS) })
  }
  try {
    return {
      known: await interleave(subjects, ({ store, cases }) => measureBlock(store, cases, CHECKS)),
      new: await interleave(subjects, ({ store, size }) =>
        measureBlock(store, createCases(size, LIVE_TOKENS), LIVE_TOKENS),
      ),
    }
  } finally {
    for (const { store } of subjects) await store.close()
  }
}

function measureBlock(store, cases, checks) {
  const before = process.cpuUsage()
  for (let index = 0; index < checks; index += 1) {
    const { query, revoked } = cases[index % cases.length]
    demand(store.check(query), revoked)
  }
  return { cpuMicros: cpuMicrosSince(before, checks) }
}
