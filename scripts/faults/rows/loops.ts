import { setTimeout as wait } from 'node:timers/promises'
import type { RevocationStore } from '../../../lib/revocation/store.js'
import { storeConnections, type Target } from '../protocol.js'
import type { Scenario } from '../run.js'
import { openStore } from '../store.js'
import { revocableToken, STORE_NAMES } from '../tokens.js'
import { standalone, type Standalone } from './standalone.js'

type Mode = keyof typeof STORE_NAMES
type Revoke = (store: RevocationStore, number: number) => Promise<unknown>

const MODES: readonly Mode[] = ['strict', 'replicated']
const LOOP_MS = 3000
const AT_ONCE = 16
/** With fewer, nothing is shown. */
const LEAST_REVOCATIONS = 3000
/** The revoker beside it adds one entry each 25 ms. */
const OTHERS_PER_SECOND = 40

/** Revokes without end, while `meanwhile` happens. */
function loop(
  revoke: Revoke,
  mayAdd: number,
  meanwhile: (stage: Standalone) => Promise<unknown> = async () => undefined,
): (stage: Standalone) => Promise<void> {
  return async (stage) => {
    const target: Target = { kind: 'standalone', port: stage.redis.port }
    const stores = await Promise.all(
      MODES.map(async (mode) => {
        const store = openStore(mode, target, storeConnections(target), { follows: false })
        await store.ready()
        return store
      }),
    )
    const before = await logLengths(stage)
    const startedAt = Date.now()
    const until = startedAt + LOOP_MS
    const [confirmed] = await Promise.all([
      Promise.all(stores.map((store) => revokeUntil(until, store, revoke))),
      meanwhile(stage),
    ])
    const after = await logLengths(stage)
    const seconds = (Date.now() - startedAt) / 1000
    await Promise.all(stores.map((store) => store.close()))
    const most = Math.ceil(seconds * OTHERS_PER_SECOND * 1.25) + mayAdd
    for (const [index, mode] of MODES.entries()) {
      const added = after[index]! - before[index]!
      if (confirmed[index]! < LEAST_REVOCATIONS) {
        throw new Error(`${mode}: ${confirmed[index]} revocations are too few to tell`)
      }
      if (added > most) throw new Error(`${mode}: the log grew by ${added}, and ${most} may be`)
    }
  }
}

/** How many were confirmed. Those that Redis does not take are tried again like all others. */
async function revokeUntil(until: number, store: RevocationStore, revoke: Revoke): Promise<number> {
  let number = 0
  let confirmed = 0
  const turn = async (): Promise<void> => {
    while (Date.now() < until) {
      number += 1
      try {
        await revoke(store, number)
        confirmed += 1
      } catch {
        await wait(10)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, turn))
  return confirmed
}

function logLengths({ admin }: Standalone): Promise<number[]> {
  return Promise.all(MODES.map((mode) => admin.xlen(`{${STORE_NAMES[mode]}}:log`)))
}

const looped = { ...revocableToken(-1), tokenId: 'looped', subject: 'looping-user' }
const { issuer, subject } = looped

/** Somebody with one account wants to fill Redis, so that nobody can be revoked any more. */
export const LOOP_SCENARIOS: readonly Scenario[] = [
  {
    name: 'one token logged out in a loop for 3 s, Redis restarts meanwhile',
    naive: 'either',
    prepare: standalone(
      loop(
        (store) => store.revokeToken(looped),
        10,
        async ({ redis }) => {
          await wait(1000)
          await redis.kill()
          await wait(300)
          await redis.restart()
        },
      ),
      { settings: ['--appendonly', 'yes', '--appendfsync', 'everysec'] },
    ),
  },
  {
    name: 'one user logs in and out in a loop for 3 s',
    naive: 'unhurt',
    prepare: standalone(
      loop(
        (store, number) =>
          store.revokeSession({ issuer, subject, sessionId: `looped-${number}-${Math.random()}` }),
        1010,
      ),
    ),
  },
]
