import { Redis } from 'ioredis'
import { redisRevocationStore } from '../../dist/redis.js'
import { round } from '../quantile.js'
import { createCases, LIVE_TOKENS } from './cases.js'
import { cpuMicrosSince, demand, interleave, latencyOf } from './interleave.js'
import { PATIENCE } from './replica.js'

const IN_FLIGHT = 64

/** Every check asks Redis: one after the other, and 64 at a time. */
export async function measureStrict({ servers }) {
  const subjects = await Promise.all(servers.map(open))
  try {
    return {
      alone: await interleave(subjects, (subject) => measureBlock(subject, 1, 500)),
      together: await interleave(subjects, (subject) => measureBlock(subject, IN_FLIGHT, 6400)),
    }
  } finally {
    for (const { redis, store } of subjects) {
      redis.disconnect()
      await store.close()
    }
  }
}

async function open({ redisUrl, size }) {
  const store = redisRevocationStore({ redis: redisUrl, ...PATIENCE })
  await store.ready()
  return { store, redis: new Redis(redisUrl), cases: createCases(size, LIVE_TOKENS), next: 0 }
}

async function measureBlock(subject, lanes, checks) {
  // What was measured before has emptied the caches of the CPU.
  await run(subject, lanes, checks / 5)
  const redisBefore = await redisCpuMicros(subject.redis)
  const before = process.cpuUsage()
  const latencies = await run(subject, lanes, checks)
  const cpuMicros = cpuMicrosSince(before, checks)
  const redisMicros = round(((await redisCpuMicros(subject.redis)) - redisBefore) / checks)
  return { cpuMicros, redisMicros, ...latencyOf(latencies) }
}

/** So many checks, in lanes each of which waits for one before it begins the next. */
async function run(subject, lanes, checks) {
  const { store, cases } = subject
  const latencies = []
  let left = checks
  const lane = async () => {
    while (left > 0) {
      left -= 1
      const { query, revoked } = cases[subject.next++ % cases.length]
      const start = performance.now()
      demand(await store.check(query), revoked)
      latencies.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return latencies
}

async function redisCpuMicros(redis) {
  const text = await redis.info('cpu')
  const seconds = (name) => Number(new RegExp(`${name}:([\\d.]+)`).exec(text)[1])
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6
}
