import { mkdirSync, writeFileSync } from 'node:fs'
import { quantile } from '../quantile.js'
import { markdownTable } from '../report/table.js'

const FOLDER = new URL('../results/', import.meta.url)

/** Writes the results as JSON and as tables. Returns the tables. */
export function writeRevocationReport(results) {
  mkdirSync(FOLDER, { recursive: true })
  const base = `revocation-${results.date}`
  const text = `# Revocation at scale, ${results.date}\n\n${revocationTables(results)}`
  writeFileSync(new URL(`${base}.json`, FOLDER), `${JSON.stringify(results, undefined, 1)}\n`)
  writeFileSync(new URL(`${base}.md`, FOLDER), text)
  return { path: `bench/results/${base}.json`, text }
}

export function revocationTables({ date, node, machine, versions, sizes, propagation }) {
  const load = machine.loadBefore[0]
  const pinned = machine.pinned ? ', checks and Redis each on one of them' : ''
  return `Measured on ${date}, Node ${node}, Redis ${versions.redis}, ours ${versions.ours}, ${machine.cpu}, ${machine.cores} cores${pinned}; load before the run ${load}. Figures are medians of blocks that were measured in turn, size by size; in brackets between which values half of them lie.

### Strict: every check asks Redis

${markdownTable(STRICT, sizes)}

${trends(sizes, STRICT_TRENDS)}

### Replicated: checks ask the memory of the process

${markdownTable(REPLICATED, sizes)}

${trends(sizes, REPLICATED_TRENDS)}

### Memory and start

${markdownTable(MEMORY, sizes)}

### Propagation, until the last of the processes says "revoked"

${markdownTable(PROPAGATION, propagation)}

Below 0: before the promise of the caller had resolved.
`
}

const REVOCATIONS = ['revocations', ({ size }) => String(size)]

const STRICT = [
  REVOCATIONS,
  ['alone: p50 ms', ({ strict }) => median(strict.alone, 'p50Ms').toFixed(3)],
  ['p99 ms', ({ strict }) => median(strict.alone, 'p99Ms').toFixed(3)],
  ['CPU µs', ({ strict }) => spread(strict.alone, 'cpuMicros')],
  ['in Redis, µs', ({ strict }) => spread(strict.alone, 'redisMicros')],
  ['64 in flight: p50 ms', ({ strict }) => median(strict.together, 'p50Ms').toFixed(3)],
  ['p99 ms', ({ strict }) => median(strict.together, 'p99Ms').toFixed(3)],
  ['CPU µs', ({ strict }) => spread(strict.together, 'cpuMicros')],
  ['in Redis, µs', ({ strict }) => spread(strict.together, 'redisMicros')],
]

const REPLICATED = [
  REVOCATIONS,
  ['CPU µs, token checked before', ({ replicated }) => spread(replicated.known, 'cpuMicros')],
  ['CPU µs, first check of a token', ({ replicated }) => spread(replicated.new, 'cpuMicros')],
]

const MEMORY = [
  REVOCATIONS,
  ['Redis, MB', ({ redisBytes }) => megabytes(redisBytes)],
  ['bytes each', ({ redisBytes, size }) => (redisBytes / size).toFixed(0)],
  ['replica: table, MB', ({ load }) => megabytes(load.tableBytes)],
  ['bytes each', tableBytesEach],
  ['RSS, MB', ({ load }) => megabytes(load.rssBytes)],
  ['loaded in, s', ({ load }) => (load.loadMs / 1000).toFixed(2)],
  ['longest stall, ms', ({ load }) => load.longestStallMs.toFixed(0)],
]

const PROPAGATION = [
  ['processes', ({ processes }) => String(processes)],
  REVOCATIONS,
  ['from the call: p50 ms', ({ fromCall }) => fromCall.p50Ms.toFixed(2)],
  ['p99 ms', ({ fromCall }) => fromCall.p99Ms.toFixed(2)],
  ['from its promise: p50 ms', ({ fromResolved }) => fromResolved.p50Ms.toFixed(2)],
  ['p99 ms', ({ fromResolved }) => fromResolved.p99Ms.toFixed(2)],
]

const STRICT_TRENDS = [
  ['Latency of a check alone', ({ strict }) => strict.alone, 'p50Ms'],
  ['Latency with 64 in flight', ({ strict }) => strict.together, 'p50Ms'],
  ['CPU of a check alone', ({ strict }) => strict.alone, 'cpuMicros'],
  ['CPU with 64 in flight', ({ strict }) => strict.together, 'cpuMicros'],
  ['CPU in Redis, alone', ({ strict }) => strict.alone, 'redisMicros'],
  ['CPU in Redis, 64 in flight', ({ strict }) => strict.together, 'redisMicros'],
]

const REPLICATED_TRENDS = [
  ['A token checked before', ({ replicated }) => replicated.known, 'cpuMicros'],
  ['The first check of a token', ({ replicated }) => replicated.new, 'cpuMicros'],
]

/** Beside a small table, buffers of the connections would be most of it. */
function tableBytesEach({ load, size }) {
  return size < 10_000 ? '' : (load.tableBytes / size).toFixed(0)
}

function trends(sizes, measures) {
  if (sizes.length < 2) return 'One size shows no trend.'
  return measures
    .map(([what, blocksOf, figure]) => `- ${what}: ${trend(sizes, blocksOf, figure)}.`)
    .join('\n')
}

/**
 * What the largest costs, in costs of the smallest: ratios within a cycle, which met the same
 * machine. It is a trend where half of the ratios lie on one side of 1 and the sizes between are in
 * order.
 */
function trend(sizes, blocksOf, figure) {
  const [first, last] = [blocksOf(sizes[0]), blocksOf(sizes.at(-1))]
  const ratios = last.map((block, cycle) => block[figure] / first[cycle][figure])
  const [low, middle, high] = [0.25, 0.5, 0.75].map((at) => quantile(ratios, at))
  const isTrend =
    (low > 1 || high < 1) && isOrdered(sizes.map((size) => median(blocksOf(size), figure)))
  const range = `${low.toFixed(2)} to ${high.toFixed(2)}`
  const change = `${middle.toFixed(2)} times (${range}) from ${sizes[0].size} to ${sizes.at(-1).size}`
  if (!isTrend) return `no trend with N, ${change}`
  return `${middle > 1 ? 'grows' : 'falls'} with N, ${change}`
}

function isOrdered(values) {
  const steps = values.slice(1).map((value, index) => Math.sign(value - values[index]))
  return Math.abs(steps.reduce((sum, step) => sum + step, 0)) === steps.length
}

function median(blocks, figure) {
  return quantile(figuresOf(blocks, figure), 0.5)
}

function spread(blocks, figure) {
  const figures = figuresOf(blocks, figure)
  const [middle, low, high] = [0.5, 0.25, 0.75].map((at) => quantile(figures, at).toFixed(2))
  return `${middle} (${low} to ${high})`
}

function figuresOf(blocks, figure) {
  return blocks.map((block) => block[figure])
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1)
}
