// One API process of a fault run: checks tokens all the time, and reports what it let in.
import type { RevocationQuery, RevocationStore } from '../../lib/revocation/store.js'
import {
  CLIENTS,
  machineTime,
  openNaiveClient,
  storeConnections,
  type Accepted,
  type ClientName,
  type FromWorker,
  type Order,
  type Target,
  type ToWorker,
  type WorkerReport,
} from './protocol.js'
import { openStore } from './store.js'
import { goodToken, naiveKey, revocableToken } from './tokens.js'

const TICK_MS = 10
const CHECKS_PER_TICK = 4
/** Mostly tokens revoked a moment ago, where a mistake would show. */
const RECENT_TOKENS = 50
/** Without one good token let in for so long, users would notice. */
const FELT_GAP_MS = 250

/** `unsure`: it is let in without an answer. */
type Verdict = 'let in' | 'unsure' | 'refused'
type Check = (token: RevocationQuery) => Promise<Verdict>

interface Tally {
  checks: number
  firstAt: number | undefined
  lastAt: number
  longestGapMs: number
  lastGapEndedAt: number
}

let revoking = 0
let clockOffsetSeconds = 0
let accepted: Accepted[] = []
const tallies = new Map<ClientName, Tally>(
  CLIENTS.map((name) => [
    name,
    { checks: 0, firstAt: undefined, lastAt: 0, longestGapMs: 0, lastGapEndedAt: 0 },
  ]),
)

process.on('message', (message: ToWorker) => {
  if ('target' in message) void start(message.target)
  else if ('revoking' in message) revoking = message.revoking
  else if ('order' in message) obey(message.order)
  else send({ report: report() })
})

const clock = (): number => Date.now() / 1000 + clockOffsetSeconds

async function start(target: Target): Promise<void> {
  const open = (mode: 'strict' | 'replicated'): RevocationStore =>
    openStore(mode, target, storeConnections(target), { follows: true, clock })
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
  const watch = setInterval(() => {
    if (replicated.status().state !== 'ready') return
    clearInterval(watch)
    send({ caughtUp: true })
  }, 50)
}

function obey(order: Order): void {
  if ('clockOffsetSeconds' in order) clockOffsetSeconds = order.clockOffsetSeconds
  else if ('stallMs' in order) stall(order.stallMs)
  else makeGarbage(order.garbageMs)
}

function stall(stallMs: number): void {
  const until = machineTime() + stallMs
  while (machineTime() < until);
}

/** Some hundred megabytes of small objects, kept long enough to be moved before they are dropped. */
function makeGarbage(garbageMs: number): void {
  const kept: object[][] = []
  const until = machineTime() + garbageMs
  const timer = setInterval(() => {
    kept.push(Array.from({ length: 50_000 }, (_, index) => ({ index, text: `garbage-${index}` })))
    if (kept.length > 40) kept.splice(0, 20)
    if (machineTime() > until) clearInterval(timer)
  }, 5)
}

function storeCheck(store: RevocationStore): Check {
  return async (token) => {
    try {
      return (await store.check(token)).revoked ? 'refused' : 'let in'
    } catch {
      return 'refused'
    }
  }
}

/** GET, and whatever goes wrong, the user is let in: "availability first". */
function naiveCheck(target: Target): Check {
  const client = openNaiveClient(target)
  client.on('error', () => undefined)
  return async (token) => {
    const timeout = new Promise<Verdict>((resolve) => setTimeout(resolve, 100, 'unsure'))
    const answer = client.get(naiveKey(token)).then(
      (value): Verdict => (value === null ? 'let in' : 'refused'),
      (): Verdict => 'unsure',
    )
    return Promise.race([answer, timeout])
  }
}

function checkAll(checks: Readonly<Record<ClientName, Check>>): void {
  const back = Math.floor(Math.random() * Math.min(revoking, RECENT_TOKENS))
  const number = Math.random() < 0.8 ? revoking - back : Math.floor(Math.random() * (revoking + 1))
  for (const name of CLIENTS) {
    const tally = tallies.get(name)!
    const startedAt = machineTime()
    tally.checks += 2
    void checks[name](revocableToken(number)).then((verdict) => {
      if (verdict !== 'refused') accepted.push([name, number, startedAt, verdict === 'let in'])
    })
    void checks[name](goodToken(number)).then((verdict) => {
      if (verdict !== 'refused') noteGood(tally)
    })
  }
}

function noteGood(tally: Tally): void {
  const now = machineTime()
  const gapMs = tally.firstAt === undefined ? 0 : now - tally.lastAt
  tally.longestGapMs = Math.max(tally.longestGapMs, gapMs)
  if (gapMs > FELT_GAP_MS) tally.lastGapEndedAt = now
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
  const { checks, lastAt, longestGapMs, lastGapEndedAt } = tallies.get(name)!
  const now = machineTime()
  const lastAcceptedMsAgo = now - lastAt
  return {
    checks,
    lastAcceptedMsAgo,
    longestGapMs: Math.max(longestGapMs, lastAcceptedMsAgo),
    lastGapEndedAt: lastAcceptedMsAgo > FELT_GAP_MS ? now : lastGapEndedAt,
  }
}

function send(message: FromWorker): void {
  process.send?.(message)
}
