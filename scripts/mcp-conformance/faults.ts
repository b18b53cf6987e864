import type { Report } from './run-suite.js'

export type Checks = Report extends ReadonlyMap<string, infer Found> ? Found : never

/**
 * Checks that the suite passes over, whatever server it is given. Its reason for this one: messages about
 * tasks come on the stream of `subscriptions/listen`, which it does not open yet.
 */
const SKIPPED = new Set(['tasks-status-notifications: tasks-status-notifications'])

/** All that did not pass, and each on the list that does: then it must leave the list. */
export function faultsIn(scenario: string, checks: Checks): readonly string[] {
  if (checks.length === 0) return ['no check was made']
  return checks.flatMap(({ id, status, errorMessage = '' }) => {
    const isListed = SKIPPED.has(`${scenario}: ${id}`)
    const isFine = status === 'INFO' || status === (isListed ? 'SKIPPED' : 'SUCCESS')
    return isFine ? [] : [`${id}: ${status} ${errorMessage}`]
  })
}
