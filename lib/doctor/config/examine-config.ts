import { pathToFileURL } from 'node:url'
import { audit } from '../../audit/audit.js'
import type { AuditStatus } from '../../audit/rule.js'
import { factsOf } from '../../http/guard/facts.js'
import { isRecord } from '../../core/values.js'
import { finding, type Finding, type Status } from '../finding.js'
import { guardsIn } from './guards-in.js'

const STATUSES: Readonly<Record<AuditStatus, Status>> = {
  met: 'ok',
  weak: 'warning',
  missing: 'failed',
  unknown: 'skipped',
}

/** Runs the module, as its own start would. @throws whatever it throws. */
export async function loadConfig(path: string): Promise<readonly unknown[]> {
  const module: unknown = await import(pathToFileURL(path).href)
  return isRecord(module) ? Object.values<unknown>(module) : []
}

/** Rates the guards that a module exports, or that are mounted on an app that it exports. */
export function* examineConfig(path: string, exported: readonly unknown[]): Generator<Finding> {
  const guards = guardsIn(exported)
  const judges = guards.flatMap(factsOf).some(({ kind }) => kind === 'bearer')
  if (!judges) {
    yield finding('config', 'failed', `${path} exports nothing in which requireBearer stands`, {
      cause: 'The app is not exported, or its guards are made within a function.',
      fix: 'Export the Express app, or the guards in a list: export const guards = [bearer, ...].',
    })
    return
  }
  yield finding('config', 'ok', `Guards found in ${path}: ${guards.length}`)
  for (const { rule, asks, status, why, fix } of audit(...guards)) {
    const advice = fix === undefined ? {} : { cause: why, fix }
    const detail = `${asks} (${rule})`
    yield finding(
      'rule',
      STATUSES[status],
      fix === undefined ? `${detail}: ${why}` : detail,
      advice,
    )
  }
}
