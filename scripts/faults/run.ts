import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import {
  CLIENTS,
  type Accepted,
  type ClientName,
  type FromWorker,
  type Target,
  type ToWorker,
  type WorkerReport,
} from './protocol.js'
import { startRevoker } from './revoker.js'

/** A Redis set-up and what is done to it. */
export interface Scenario {
  readonly name: string
  /** What the naive client does under this fault; `hurt` is a proof that the oracle sees mistakes. */
  readonly naive: 'hurt' | 'unhurt' | 'either'
  /** Part of the short profile. */
  readonly short?: boolean
  /** Builds the set-up; `strike` does the damage and undoes what does not heal by itself. */
  readonly prepare: () => Promise<Stage>
  /** How long the set-up has to serve again after the strike. @default 3000 */
  readonly recoveryMs?: number
}

export interface Stage {
  readonly target: Target
  strike(): Promise<void>
  stop(): Promise<void>
}

export interface Outcome {
  readonly confirmed: number
  readonly checks: number
  readonly violations: number
  readonly longestGapMs: number
  /** Whether good tokens are let in again at the end. */
  readonly recovered: boolean
}

export type Outcomes = Readonly<Record<ClientName, Outcome>>

const READY_MS = 15_000
const WARM_UP_MS = 1000
/** A worker that let in a good token so short a time ago is serving. */
const SERVING_MS = 500

export async function runScenario(scenario: Scenario, workerCount: number): Promise<Outcomes> {
  const stage = await scenario.prepare()
  const accepted: Accepted[] = []
  const workers = Array.from({ length: workerCount }, () => startWorker(accepted))
  const tell = (message: ToWorker): void => {
    for (const worker of workers) worker.send(message)
  }
  try {
    const revoker = await within(
      READY_MS,
      startRevoker(stage.target, (revoking) => tell({ revoking })),
      'The revoker did not become ready',
    )
    const ready = Promise.all(workers.map((worker) => messageWith(worker, 'ready')))
    tell({ target: stage.target })
    await within(READY_MS, ready, 'The workers did not become ready')
    await wait(WARM_UP_MS)
    await stage.strike()
    await wait(scenario.recoveryMs ?? 3000)
    const answers = Promise.all(workers.map((worker) => messageWith(worker, 'report')))
    tell({ report: true })
    const reports = (await answers).map(({ report }) => report)
    const violations = accepted.filter((item) => revoker.isViolation(item))
    const outcomes = CLIENTS.map((client): [ClientName, Outcome] => [
      client,
      summarize(
        reports.map((report) => report[client]),
        violations.filter(([by]) => by === client).length,
        revoker.confirmed(client),
      ),
    ])
    await revoker.stop()
    return Object.fromEntries(outcomes) as Record<ClientName, Outcome>
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    await stage.stop()
  }
}

function summarize(
  reports: readonly WorkerReport[],
  violations: number,
  confirmed: number,
): Outcome {
  return {
    confirmed,
    violations,
    checks: reports.reduce((sum, { checks }) => sum + checks, 0),
    longestGapMs: Math.max(...reports.map(({ longestGapMs }) => longestGapMs)),
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

async function messageWith<K extends 'ready' | 'report'>(
  worker: ChildProcess,
  key: K,
): Promise<Extract<FromWorker, Record<K, unknown>>> {
  for (;;) {
    const [message] = (await once(worker, 'message')) as [FromWorker]
    if (key in message) return message as Extract<FromWorker, Record<K, unknown>>
  }
}
