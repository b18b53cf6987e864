import { runBlock } from './block.js'
import { Connection } from './connection.js'
import { openMeter } from './meter.js'
import { createForgedTokens, createTokens, requestFor } from './tokens.js'

const CONNECTIONS = 50
const BLOCK_REQUESTS = 250
const HTTP_OK = 200
const HTTP_UNAUTHORIZED = 401

/**
 * CPU microseconds per request of several lanes, in interleaved blocks. A lane is a candidate and
 * what it is sent: `live` tokens or `known-forged` ones over and over, or new ones in each request.
 */
export async function compare({ server, lanes, cycles, signing }) {
  const meter = await openMeter(server.control)
  const prepared = await Promise.all(lanes.map((lane) => prepare(lane, server, signing)))
  const cpu = Object.fromEntries(lanes.map(({ name }) => [name, []]))
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    for (const { name, connections, next, expected } of prepared) {
      await runBlock(connections, next(), expected)
      const requests = next()
      const before = await meter.read()
      await runBlock(connections, requests, expected)
      const after = await meter.read()
      cpu[name].push((after.cpu - before.cpu) / requests.length)
    }
  }
  meter.close()
  for (const { connections } of prepared) for (const connection of connections) connection.close()
  return cpu
}

async function prepare({ name, candidate, tokens, refused = false }, server, signing) {
  const connections = await open(server.ports[candidate])
  const expected = refused ? HTTP_UNAUTHORIZED : HTTP_OK
  const source = SOURCES[tokens.kind](signing, tokens.count)
  // Known tokens are those that came before.
  if (source.all !== undefined) await runBlock(connections, source.all, expected)
  return { name, connections, expected, next: source.next }
}

/** Never-seen tokens until `count` were sent; how the server fares meanwhile. */
export async function flood({ server, candidate, tokens, refused = false, signing }) {
  const connections = await open(server.ports[candidate])
  const meter = await openMeter(server.control)
  const { next } = SOURCES[tokens.kind](signing)
  const expected = refused ? HTTP_UNAUTHORIZED : HTTP_OK
  await runBlock(connections, next(), expected)
  await meter.read('reset')
  for (let sent = 0; sent < tokens.count; sent += BLOCK_REQUESTS) {
    await runBlock(connections, next(), expected)
  }
  const state = await meter.read()
  meter.close()
  for (const connection of connections) connection.close()
  return state
}

function open(port) {
  return Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(port)))
}

const SOURCES = {
  live: (signing, count) => again(createTokens({ ...signing, count })),
  'known-forged': (signing, count) => again(createForgedTokens({ ...signing, count })),
  unique: (signing) => fresh(() => createTokens({ ...signing, count: BLOCK_REQUESTS })),
  expired: (signing) =>
    fresh(() => createTokens({ ...signing, count: BLOCK_REQUESTS, lifetimeSeconds: -600 })),
  forged: (signing) => fresh(() => createForgedTokens({ ...signing, count: BLOCK_REQUESTS })),
}

function again(tokens) {
  const all = tokens.map(requestFor)
  let from = 0
  const next = () => {
    const requests = Array.from(
      { length: BLOCK_REQUESTS },
      (_, index) => all[(from + index) % all.length],
    )
    from += BLOCK_REQUESTS
    return requests
  }
  return { all, next }
}

function fresh(make) {
  return { next: () => make().map(requestFor) }
}
