import { runBlock } from './block.js'
import { Connection } from './connection.js'
import { openMeter } from './meter.js'
import { createTokens, requestFor } from './tokens.js'

/** Unmeasured requests before each block bring a candidate's code and data back into the caches. */
const LEADING_REQUESTS = 50
const BLOCK_REQUESTS = 250
const PER_TURN = LEADING_REQUESTS + BLOCK_REQUESTS
/**
 * Rounds of 300 requests that let the JIT settle, and fill the caches: the fewest see each of a
 * thousand tokens. On a slow machine, all of them would take longer than the measurement.
 */
const MIN_WARM_UPS = 4
const MAX_WARM_UPS = 8
const WARM_UP_SECONDS = 6
/** A slower workload would leave the others no time: it gets two cycles, and the table says so. */
const SLOW_MS_PER_REQUEST = 3
const SLOW_CYCLES = 2
/** More would only narrow what the machine's noise has already made wide. */
const MAX_CYCLES = 150
const MIN_CYCLES = 5

/**
 * Measures one workload: all candidates in turn, over and over, in a new order each time, so that
 * whatever the machine does meanwhile meets all of them.
 *
 * @returns for each candidate, CPU microseconds per request, and p50 and p99 latency in milliseconds,
 *   block by block.
 */
export async function measure({ workload, server, signing, seconds }) {
  const meter = await openMeter(server.control)
  const lanes = await Promise.all(
    Object.entries(server.ports).map(async ([id, port]) => ({
      id,
      slow: false,
      blocks: { cpu: [], p50: [], p99: [] },
      connections: await Promise.all(
        Array.from({ length: workload.connections }, () => Connection.open(port)),
      ),
    })),
  )
  const nextRequests = requestSource(workload.tokens, signing)
  await warmUp(lanes, nextRequests)
  const end = performance.now() + seconds * 1000
  let cycle = 0
  for (; cycle < MAX_CYCLES && (cycle < MIN_CYCLES || performance.now() < end); cycle += 1) {
    const requests = nextRequests()
    const due = cycle < SLOW_CYCLES ? lanes : lanes.filter(({ slow }) => !slow)
    for (const lane of shuffled(due)) await measureBlock(lane, requests, meter)
  }
  meter.close()
  for (const { connections } of lanes) for (const connection of connections) connection.close()
  return { cycles: cycle, blocks: Object.fromEntries(lanes.map(({ id, blocks }) => [id, blocks])) }
}

async function warmUp(lanes, nextRequests) {
  const end = performance.now() + WARM_UP_SECONDS * 1000
  for (let turn = 0; turn < MAX_WARM_UPS; turn += 1) {
    if (turn >= MIN_WARM_UPS && performance.now() > end) return
    const requests = nextRequests()
    for (const lane of lanes.filter(({ slow }) => !slow)) {
      const start = performance.now()
      await runBlock(lane.connections, requests)
      // The first round is that of the JIT.
      lane.slow = turn > 0 && performance.now() - start > SLOW_MS_PER_REQUEST * requests.length
    }
  }
}

async function measureBlock({ id, connections, blocks }, requests, meter) {
  try {
    await runBlock(connections, requests.slice(0, LEADING_REQUESTS))
    const before = await meter.read()
    const latencies = await runBlock(connections, requests.slice(LEADING_REQUESTS))
    const after = await meter.read()
    latencies.sort((a, b) => a - b)
    blocks.cpu.push(round((after.cpu - before.cpu) / latencies.length))
    blocks.p50.push(round(latencies[Math.floor(latencies.length * 0.5)]))
    blocks.p99.push(round(latencies[Math.floor(latencies.length * 0.99)]))
  } catch (error) {
    throw new Error(`Candidate ${id}: ${error.message}`, { cause: error })
  }
}

/** Requests for the next turn of every candidate: each sees the same tokens in the same order. */
function requestSource(tokens, signing) {
  if (tokens === 'unique') {
    return () => createTokens({ ...signing, count: PER_TURN }).map(requestFor)
  }
  const live = createTokens({ ...signing, count: tokens }).map(requestFor)
  let from = 0
  return () => {
    const requests = Array.from({ length: PER_TURN }, (_, index) => live[(from + index) % tokens])
    from += PER_TURN
    return requests
  }
}

function shuffled(items) {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[result[last], result[other]] = [result[other], result[last]]
  }
  return result
}

function round(value) {
  return Math.round(value * 1000) / 1000
}
