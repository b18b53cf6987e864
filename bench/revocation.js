// What a denylist costs with the number of revocations in it: `npm run bench:revocation`, or
// `npm run bench:revocation -- --sizes 1k,100k`. docs/revocation.md shows the results.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startRedis } from '../tools/redis-server.ts'

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1k,100k,1M,5M' },
    'no-setup': { type: 'boolean', default: false },
  },
})

const DEADLINE_MS = 900_000
const UNITS = { k: 1e3, M: 1e6 }
const sizes = options.sizes
  .split(',')
  .map(parseSize)
  .toSorted((a, b) => a - b)

// Redis and the workers end with this process, and it ends whatever hangs.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
setTimeout(() => {
  console.error(`Not done after ${DEADLINE_MS / 60_000} minutes`)
  process.exit(1)
}, DEADLINE_MS).unref()

if (!options['no-setup']) {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  execFileSync('npm', ['run', 'build'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}

// The build is there only now.
const { moveToClientCore, SERVER_CORE, startWorker } = await import('./processes.js')
const { describeMachine, ownVersions } = await import('./report/machine.js')
const { openFilling } = await import('./revocation/fill.js')
const { measurePropagation } = await import('./revocation/propagation.js')
const { writeRevocationReport } = await import('./revocation/report.js')

const date = new Date().toISOString().slice(0, 10)
const setting = { machine: describeMachine(), versions: ownVersions() }
console.error('Measuring: propagation')
// Before this process moves to one core, where everything would wait for everything.
const propagation = await measurePropagation([1, 5])
moveToClientCore()
const { path, text } = writeRevocationReport({
  date,
  node: process.version,
  ...setting,
  sizes: await measureSizes(),
  propagation,
})
console.log(`${text}\nWritten to ${path}`)

/** One Redis for each size, so that all can be measured in turn. */
async function measureSizes() {
  const servers = []
  try {
    for (const size of sizes) servers.push(await startFilled(size))
    const reachable = servers.map(({ size, redis }) => ({ size, redisUrl: redis.url }))
    const loads = []
    for (const { redisUrl } of reachable) loads.push(await inWorker({ task: 'load', redisUrl }))
    const strict = await inWorker({ task: 'strict', servers: reachable })
    const replicated = await inWorker({ task: 'replicated', servers: reachable })
    return servers.map(({ size, redisBytes }, at) => ({
      size,
      redisBytes,
      load: loads[at],
      strict: { alone: strict.alone[at], together: strict.together[at] },
      replicated: { known: replicated.known[at], new: replicated.new[at] },
    }))
  } finally {
    for (const { redis } of servers) await redis.stop()
  }
}

async function startFilled(size) {
  console.error(`Filling: ${size}`)
  const redis = await startRedis()
  const filling = await openFilling(redis.url, size)
  await filling.fill()
  const redisBytes = await filling.bytes()
  filling.close()
  return { size, redis, redisBytes }
}

/** In a process of its own: in a shared one nobody can say whose memory it is. */
async function inWorker(order) {
  console.error(`Measuring: ${order.task}`)
  const settings = { core: SERVER_CORE, nodeOptions: ['--expose-gc'] }
  const worker = await startWorker('revocation-worker.js', settings)
  try {
    return await worker.order(order)
  } finally {
    worker.stop()
  }
}

function parseSize(option) {
  const [, number, unit = ''] = /^(\d+)([kM]?)$/.exec(option) ?? []
  const size = Number(number) * (UNITS[unit] ?? 1)
  if (size >= 1 && size <= 1e7) return size
  throw new Error(`--sizes must hold numbers up to 10M, like 1k,100k, got ${option}`)
}
