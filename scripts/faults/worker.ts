// One API process of a fault run: checks tokens all the time, and reports what it let in.
import { redisRevocationStore } from '../../lib/revocation/redis/index.js'
import type { RevocationQuery, RevocationStore } from '../../lib/revocation/store.js'
import {
  CLIENTS,
  machineTime,
  minReplicasOf,
  openClient,
  openNaiveClient,
  STALENESS_BOUND_MS,
  type Accepted,
  type ClientName,
  type FromWorker,
  type Target,
  type ToWorker,
  type WorkerReport,
} from './protocol.js'
import { goodToken, naiveKey, revocableToken, STORE_NAMES } from './tokens.js'

const TICK_MS = 10
const CHECKS_PER_TICK = 4
/** Mostly tokens revoked a moment ago, where a mistake would show. */
const RECENT_TOKENS = 50

/** True where the token would be let in. */
type Check = (token: RevocationQuery) => Promise<boolean>

interface Tally {
  checks: number
  firstAt: number | undefined
  lastAt: number
  longestGapMs: number
}

let revoking = 0
let accepted: Accepted[] = []
const tallies = new Map<ClientName, Tally>(
  CLIENTS.map((name) => [name, { checks: 0, firstAt: undefined, lastAt: 0, longestGapMs: 0 }]),
)

process.on('message', (message: ToWorker) => {
  if ('target' in message) void start(message.target)
  else if ('revoking' in message) revoking = message.revoking
  else send({ report: report() })
})

async function start(target: Target): Promise<void> {
  const open = (mode: 'strict' | 'replicated'): RevocationStore =>
    redisRevocationStore({
      redis: (failFast) => openClient(target, failFast),
      mode,
      name: STORE_NAMES[mode],
      minReplicas: minReplicasOf(target),
      stalenessBoundMs: STALENESS_BOUND_MS,
      clockToleranceSeconds: 0,
      onEmpty: 'initialize',
    })
  const strict = open('strict')
  const replicated = open('replicated')
  await Promise.all([strict.ready(), replicated.ready()])
  const checks: Readonly<Record<ClientName, Check>> = {
    strict: storeCheck(strict),
    replicated: storeCheck(replicated),
    naive: naiveCheck(target),
  }
  setInterval(() => {
    for (let i = 0; i < CHECKS_PER_TICK; i += 1) checkAll(checks)
  }, TICK_MS)
  setInterval(() => {
    if (accepted.length > 0) send({ accepted })
    accepted = []
  }, 100)
  send({ ready: true })
}

function storeCheck(store: RevocationStore): Check {
  return async (token) => {
    try {
      return !(await store.check(token)).revoked
    } catch {
      return false
    }
  }
}

/** GET, and whatever goes wrong, the user is let in: "availability first". */
function naiveCheck(target: Target): Check {
  const client = openNaiveClient(target)
  client.on('error', () => undefined)
  return async (token) => {
    const timeout = new Promise<null>((resolve) => setTimeout(resolve, 100, null))
    const answer = client.get(naiveKey(token)).catch(() => null)
    return (await Promise.race([answer, timeout])) === null
  }
}

function checkAll(checks: Readonly<Record<ClientName, Check>>): void {
  const back = Math.floor(Math.random() * Math.min(revoking, RECENT_TOKENS))
  const number = Math.random() < 0.8 ? revoking - back : Math.floor(Math.random() * (revoking + 1))
  for (const name of CLIENTS) {
    const tally = tallies.get(name)!
    const startedAt = machineTime()
    tally.checks += 2
    void checks[name](revocableToken(number)).then((letIn) => {
      if (letIn) accepted.push([name, number, startedAt])
    })
    void checks[name](goodToken(number)).then((letIn) => {
      if (letIn) noteGood(tally)
    })
  }
}

function noteGood(tally: Tally): void {
  const now = machineTime()
  tally.longestGapMs =
    tally.firstAt === undefined ? 0 : Math.max(tally.longestGapMs, now - tally.lastAt)
  tally.firstAt ??= now
  tally.lastAt = now
}

function report(): Readonly<Record<ClientName, WorkerReport>> {
  return {
    strict: reportOn('strict'),
    replicated: reportOn('replicated'),
    naive: reportOn('naive'),
  }
}

function reportOn(name: ClientName): WorkerReport {
  const { checks, lastAt, longestGapMs } = tallies.get(name)!
  const lastAcceptedMsAgo = machineTime() - lastAt
  return { checks, lastAcceptedMsAgo, longestGapMs: Math.max(longestGapMs, lastAcceptedMsAgo) }
}

function send(message: FromWorker): void {
  process.send?.(message)
}
