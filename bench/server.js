// The server process: every candidate on a port of its own, and a control port that reads the meter.
// All share one process, so that JIT, heap and the moment are the same for all of them.
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { CANDIDATES } from './candidates/index.js'
import { LeftOut } from './candidates/left-out.js'

process.once('message', (context) => {
  start(context).then(
    (ready) => process.send(ready),
    (error) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.once('disconnect', () => process.exit())

async function start({ only, ...context }) {
  const ports = {}
  const leftOut = {}
  for (const { id, algorithms, unlisted = false, build } of CANDIDATES) {
    if (only === undefined ? unlisted : !only.includes(id)) continue
    if (algorithms !== undefined && !algorithms.includes(context.algorithm)) {
      leftOut[id] = `cannot verify ${context.algorithm}`
      continue
    }
    try {
      ports[id] = await listen(await build(context))
    } catch (error) {
      if (!(error instanceof LeftOut)) throw error
      leftOut[id] = error.message
    }
  }
  return { ports, leftOut, control: await openControl(), node: process.version }
}

async function listen(listener) {
  // Connections rest between the blocks of a candidate, longer than Node would keep them.
  const server = createHttpServer({ keepAliveTimeout: 0, requestTimeout: 0 }, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

/**
 * Tells the CPU time of all threads so far, in microseconds, memory in bytes, and the event-loop
 * delay since the last `reset`.
 */
async function openControl() {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  const server = createTcpServer((socket) => {
    socket.setNoDelay(true)
    socket.on('data', (question) => {
      const { user, system } = process.cpuUsage()
      const { rss, heapUsed } = process.memoryUsage()
      const delayP99Ms = delay.percentile(99) / 1e6
      socket.write(`${JSON.stringify({ cpu: user + system, rss, heapUsed, delayP99Ms })}\n`)
      // Not enabled before it is asked for: its timer would be part of every measurement.
      if (question.toString() === 'reset') {
        delay.reset()
        delay.enable()
      }
    })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}
