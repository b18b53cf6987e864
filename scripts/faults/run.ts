import { fork, type ChildProcess } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import {
  CLIENTS,
  machineTime,
  STALENESS_BOUND_MS,
  type Accepted,
  type ClientName,
  type FromWorker,
  type Order,
  type Target,
  type ToWorker,
  type WorkerReport,
} from './protocol.js'
import { startRevoker, type Revoker } from './revoker.js'

/** A Redis set-up and what is done to it. */
export interface Scenario {
  readonly name: string
  /** What the naive client does under this fault; `hurt` is a proof that the oracle sees mistakes. */
  readonly naive: 'hurt' | 'unhurt' | 'either'
  /** Part of the short profile. */
  readonly short?: boolean
  /** Takes minutes and gigabytes: played with `--large` only. */
  readonly large?: boolean
  /** What this machine lacks to play it. */
  readonly needs?: () => string | undefined
  /** Where less is promised than everywhere: what, and why. */
  readonly limit?: string
  /** Builds the set-up; `strike` does the damage and undoes what does not heal by itself. */
  readonly prepare: () => Promise<Stage>
  /** How long the set-up has to serve again after the strike. @default 3000 */
  readonly recoveryMs?: number
}

export interface Stage {
  readonly target: Target
  /** Where the API processes go, if not where revocations are written. */
  readonly workerTarget?: Target
  strike(field: Field): Promise<void>
  stop(): Promise<void>
}

/** The processes, as far as a strike can reach them. */
export interface Field {
  order(order: Order): void
  /** Resolves once every table of replicated mode is complete. */
  caughtUp(): Promise<void>
  reconnectRevoker(): void
  /** From now on until the returned function is called, the scenario's limit holds for these clients. */
  limit(clients: readonly ClientName[]): () => void
}

export interface Outcome {
  readonly confirmed: number
  readonly checks: number
  readonly violations: number
  /** Those of them where Redis had answered, and no timeout ran out. */
  readonly answered: number
  /** Those that the scenario's limit names. */
  readonly withinLimit: number
  readonly longestGapMs: number
  /** How long after the fault was over a gap was still felt. */
  readonly backAfterMs: number
  /** Whether good tokens are let in again at the end. */
  readonly recovered: boolean
}

export type Outcomes = Readonly<Record<ClientName, Outcome>>

/** Ten million revocations take minutes. */
const PREPARED_MS = 600_000
const READY_MS = 20_000
const CAUGHT_UP_MS = 300_000
const WARM_UP_MS = 1000
/** A worker that let in a good token so short a time ago is serving. */
const SERVING_MS = 500

export async function runScenario(scenario: Scenario, workerCount: number): Promise<Outcomes> {
  const stage = await within(PREPARED_MS, scenario.prepare(), 'The set-up did not come up')
  const accepted: Accepted[] = []
  const limits: Limit[] = []
  const workers = Array.from({ length: workerCount }, () => startWorker(accepted))
  const tell = (message: ToWorker): void => {
    for (const worker of workers) worker.send(message)
  }
  const fromAll = <K extends Key>(key: K): Promise<Extract<FromWorker, Record<K, unknown>>[]> =>
    Promise.all(workers.map((worker) => messageWith(worker, key)))
  let revoker: Revoker | undefined
  try {
    const revoking = await within(
      READY_MS,
      startRevoker(stage.target, (number) => tell({ revoking: number })),
      'The revoker did not become ready',
    )
    revoker = revoking
    const ready = fromAll('ready')
    const caughtUp = fromAll('caughtUp')
    tell({ target: stage.workerTarget ?? stage.target })
    await within(READY_MS, ready, 'The workers did not become ready')
    await wait(WARM_UP_MS)
    await stage.strike({
      order: (order) => tell({ order }),
      async caughtUp() {
        await within(CAUGHT_UP_MS, caughtUp, 'The workers did not catch up')
      },
      reconnectRevoker: () => revoking.reconnect(),
      limit: (clients) => addLimit(limits, clients),
    })
    const struckUntil = machineTime()
    await wait(scenario.recoveryMs ?? 3000)
    const answers = fromAll('report')
    tell({ report: true })
    const reports = (await answers).map(({ report }) => report)
    const outcomes = CLIENTS.map((client): [ClientName, Outcome] => {
      const own = reports.map((report) => report[client])
      return [client, { ...judge(client, accepted, revoking, limits), ...sum(own, struckUntil) }]
    })
    return Object.fromEntries(outcomes) as Record<ClientName, Outcome>
  } finally {
    // Also where the strike failed, before there is nobody left to tell of revocations.
    await revoker?.stop()
    for (const worker of workers) worker.kill('SIGKILL')
    await stage.stop()
  }
}

interface Limit {
  readonly clients: readonly ClientName[]
  readonly from: number
  until: number
}

function addLimit(limits: Limit[], clients: readonly ClientName[]): () => void {
  const limit = { clients, from: machineTime(), until: Number.POSITIVE_INFINITY }
  limits.push(limit)
  return () => {
    limit.until = machineTime()
  }
}

/** A check under way when a limit began is answered under it. */
const CHECK_MS = 100

/** What was proven before a limit ended is believed for the bound of replicated mode. */
function isWithin({ clients, from, until }: Limit, [client, , startedAt]: Accepted): boolean {
  const boundMs = client === 'replicated' ? STALENESS_BOUND_MS : 0
  return clients.includes(client) && startedAt >= from - CHECK_MS && startedAt <= until + boundMs
}

function judge(
  client: ClientName,
  accepted: readonly Accepted[],
  revoker: Revoker,
  limits: readonly Limit[],
): Pick<Outcome, 'confirmed' | 'violations' | 'answered' | 'withinLimit'> {
  const mistakes = accepted.filter((item) => item[0] === client && revoker.isViolation(item))
  const violations = mistakes.filter((item) => !limits.some((limit) => isWithin(limit, item)))
  return {
    confirmed: revoker.confirmed(client),
    violations: violations.length,
    answered: violations.filter(([, , , answered]) => answered).length,
    withinLimit: mistakes.length - violations.length,
  }
}

function sum(
  reports: readonly WorkerReport[],
  struckUntil: number,
): Pick<Outcome, 'checks' | 'longestGapMs' | 'backAfterMs' | 'recovered'> {
  const lastGapEndedAt = Math.max(...reports.map((report) => report.lastGapEndedAt))
  return {
    checks: reports.reduce((total, { checks }) => total + checks, 0),
    longestGapMs: Math.max(...reports.map(({ longestGapMs }) => longestGapMs)),
    backAfterMs: Math.max(0, lastGapEndedAt - struckUntil),
    recovered: reports.every(({ lastAcceptedMsAgo }) => lastAcceptedMsAgo < SERVING_MS),
  }
}

function startWorker(accepted: Accepted[]): ChildProcess {
  const worker = fork(new URL('worker.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
  worker.on('message', (message: FromWorker) => {
    if ('accepted' in message) accepted.push(...message.accepted)
  })
  return worker
}

async function within<T>(delayMs: number, promise: Promise<T>, complaint: string): Promise<T> {
  const late = async (): Promise<never> => {
    await wait(delayMs, undefined, { ref: false })
    throw new Error(complaint)
  }
  return Promise.race([promise, late()])
}

type Key = 'ready' | 'caughtUp' | 'report'

function messageWith<K extends Key>(
  worker: ChildProcess,
  key: K,
): Promise<Extract<FromWorker, Record<K, unknown>>> {
  return new Promise((resolve) => {
    worker.on('message', (message: FromWorker) => {
      if (key in message) resolve(message as Extract<FromWorker, Record<K, unknown>>)
    })
  })
}
