import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { machineTime } from '../protocol.js'
import type { Scenario } from '../run.js'
import {
  KINDS,
  type FromWorker,
  type Kind,
  type Report,
  type Reports,
  type ToWorker,
} from './protocol.js'

/** A fault, and whether logins may end by it. */
export interface LoginScenario {
  readonly fault: Pick<Scenario, 'name' | 'prepare' | 'recoveryMs'>
  /** `kept`: the fault is an outage. `may end`: it takes data away that were confirmed. */
  readonly logins: 'kept' | 'may end'
}

export interface LoginOutcome extends Omit<Report, 'lastUsedMsAgo' | 'lastGapEndedAt'> {
  readonly backAfterMs: number
  readonly recovered: boolean
}

export type LoginOutcomes = Readonly<Record<Kind, LoginOutcome>>

const PREPARED_MS = 60_000
const ANSWER_MS = 60_000
/** Until logins of each kind are renewed in each process, which takes a busy machine longer. */
const WARM_UP_MS = 30_000
const WARM_UP_RENEWALS = 20
const SERVING_MS = 1000
const LATEST_MS = 20_000

export async function runLoginScenario({ fault }: LoginScenario): Promise<LoginOutcomes> {
  const stage = await within(PREPARED_MS, fault.prepare())
  const workers = [0, 1].map(() =>
    fork(new URL('worker.ts', import.meta.url), { execArgv: ['--import', 'tsx'] }),
  )
  const askAll = (message: ToWorker): Promise<FromWorker[]> =>
    within(ANSWER_MS, Promise.all(workers.map((worker) => ask(worker, message))))
  try {
    await askAll({ target: stage.target })
    await within(WARM_UP_MS, warmedUp(askAll))
    await stage.strike({
      order: () => undefined,
      caughtUp: async () => undefined,
      reconnectRevoker: () => undefined,
      limit: () => () => undefined,
    })
    const struckUntil = machineTime()
    await wait(fault.recoveryMs ?? 3000)
    const reports = await servingAgain(askAll)
    const outcomes = KINDS.map((kind) => [kind, sum(reports, kind, struckUntil)] as const)
    return Object.fromEntries(outcomes) as Record<Kind, LoginOutcome>
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    await stage.stop()
  }
}

type AskAll = (message: ToWorker) => Promise<readonly FromWorker[]>

async function reportsOf(askAll: AskAll): Promise<readonly Reports[]> {
  const answers = await askAll({ report: true })
  return answers.flatMap((answer) => ('report' in answer ? [answer.report] : []))
}

async function warmedUp(askAll: AskAll): Promise<void> {
  for (;;) {
    const all = await reportsOf(askAll)
    const isWarm = (reports: Reports): boolean =>
      KINDS.every((kind) => reports[kind].renewed >= WARM_UP_RENEWALS)
    if (all.every(isWarm)) return
    await wait(200)
  }
}

/** On a busy machine processes wait for the processor, whatever Redis does: the table says how long. */
async function servingAgain(askAll: AskAll): Promise<readonly Reports[]> {
  const until = machineTime() + LATEST_MS
  for (;;) {
    const all = await reportsOf(askAll)
    const serves = (reports: Reports): boolean =>
      KINDS.every((kind) => reports[kind].lastUsedMsAgo < SERVING_MS)
    if (all.every(serves) || machineTime() > until) return all
    await wait(200)
  }
}

async function ask(worker: ChildProcess, message: ToWorker): Promise<FromWorker> {
  worker.send(message)
  const [answer] = (await once(worker, 'message')) as [FromWorker]
  return answer
}

async function within<T>(delayMs: number, promise: Promise<T>): Promise<T> {
  const late = async (): Promise<never> => {
    await wait(delayMs, undefined, { ref: false })
    throw new Error(`nothing came within ${delayMs / 1000} s`)
  }
  return Promise.race([promise, late()])
}

function sum(all: readonly Reports[], kind: Kind, struckUntil: number): LoginOutcome {
  const reports = all.map((report) => report[kind])
  const total = (name: 'renewed' | 'ended' | 'revived' | 'twice'): number =>
    reports.reduce((before, report) => before + report[name], 0)
  const lost: Record<string, number> = {}
  for (const [reason, times] of reports.flatMap((report) => Object.entries(report.lost))) {
    lost[reason] = (lost[reason] ?? 0) + times
  }
  const most = (name: 'longestGapMs' | 'lastGapEndedAt' | 'lastUsedMsAgo'): number =>
    Math.max(...reports.map((report) => report[name]))
  return {
    renewed: total('renewed'),
    ended: total('ended'),
    revived: total('revived'),
    twice: total('twice'),
    lost,
    longestGapMs: most('longestGapMs'),
    backAfterMs: Math.max(0, most('lastGapEndedAt') - struckUntil),
    recovered: most('lastUsedMsAgo') < SERVING_MS,
  }
}
