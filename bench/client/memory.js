import { runBlock } from './block.js'
import { Connection } from './connection.js'
import { openMeter } from './meter.js'
import { createTokens, requestFor } from './tokens.js'

const CONNECTIONS = 50
const LIVE_TOKENS = 1000
const REQUESTS = 5000

/** Resident memory, in megabytes, of a server with one candidate after some traffic. */
export async function measureMemory({ server, signing }) {
  const [port] = Object.values(server.ports)
  const live = createTokens({ ...signing, count: LIVE_TOKENS }).map(requestFor)
  const requests = Array.from({ length: REQUESTS }, (_, index) => live[index % LIVE_TOKENS])
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Connection.open(port)),
  )
  await runBlock(connections, requests)
  const meter = await openMeter(server.control)
  const { rss } = await meter.read()
  meter.close()
  for (const connection of connections) connection.close()
  return Math.round(rss / 1_000_000)
}
