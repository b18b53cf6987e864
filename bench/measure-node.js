import { CANDIDATES } from './candidates/index.js'
import { secondsFor } from './plan.js'
import { startServer } from './processes.js'
import { describeSetting } from './report/machine.js'
import { summarize } from './statistics.js'

/** Measures all workloads on one Node. */
export async function measureNode({ node, client, redisUrl, only, workloads, seconds, memory }) {
  const contextFor = (algorithm) => ({ ...client.ready, redisUrl, algorithm, only })
  const setting = describeSetting()
  const measured = []
  let version
  for (const [algorithm, group] of groupByAlgorithm(workloads)) {
    const server = await startServer(node, contextFor(algorithm))
    version = server.ready.node
    try {
      for (const workload of group) {
        console.error(`Node ${version}: ${workload.name}`)
        const { cycles, blocks } = await client.order({
          task: 'measure',
          workload,
          algorithm,
          seconds: secondsFor(workload, seconds),
          server: server.ready,
        })
        const { leftOut } = server.ready
        measured.push({ ...workload, leftOut, ...summarize({ cycles, blocks }), blocks })
      }
    } finally {
      server.stop()
    }
  }
  const memoryMegabytes = memory ? await measureMemory(node, client, contextFor('RS256')) : {}
  const date = new Date().toISOString().slice(0, 10)
  return { date, node: version, ...setting, memoryMegabytes, workloads: measured }
}

/** Each candidate in a process of its own: in a shared one nobody can say whose memory it is. */
async function measureMemory(node, client, context) {
  const megabytes = {}
  for (const { id, unlisted = false } of CANDIDATES) {
    if (context.only === undefined ? unlisted : !context.only.includes(id)) continue
    const server = await startServer(node, { ...context, only: [id] })
    try {
      if (server.ready.ports[id] === undefined) continue
      const order = { task: 'memory', algorithm: context.algorithm, server: server.ready }
      megabytes[id] = await client.order(order)
    } finally {
      server.stop()
    }
  }
  return megabytes
}

function groupByAlgorithm(workloads) {
  const groups = new Map()
  for (const workload of workloads) {
    groups.set(workload.algorithm, [...(groups.get(workload.algorithm) ?? []), workload])
  }
  return groups
}
