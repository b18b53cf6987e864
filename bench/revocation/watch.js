import { Redis } from 'ioredis'
import { createCases } from './cases.js'
import { openReplica } from './replica.js'

/** Where nothing arrives, look anyway: a late figure is better than none. */
const LOOK_EVERY_MS = 10

let store
let watched

/**
 * Opens a replica that looks again after whatever came from Redis. A loop that never rests would
 * look more often, and take the CPU from those that are measured.
 */
export async function openWatcher({ redisUrl }) {
  store = await openReplica({
    redis(options) {
      const client = new Redis(redisUrl, options)
      client.on('connect', () => client.stream.on('data', () => setImmediate(look)))
      return client
    },
  })
  setInterval(look, LOOK_EVERY_MS)
}

/** From now on, the first check that says "revoked" sends its time. */
export async function watch({ tokenId }) {
  const [{ query }] = createCases(1, 1)
  watched = Object.freeze({ ...query, tokenId })
}

function look() {
  if (store === undefined || watched === undefined || store.check(watched).revoked !== true) return
  watched = undefined
  process.send({ seenAt: nowMicros() })
}

/** On a clock that all processes of a machine share. */
export function nowMicros() {
  return Number(process.hrtime.bigint()) / 1000
}
