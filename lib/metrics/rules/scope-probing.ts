import { WindowTable, type Window } from '../../http/throttle/window-table.js'
import type { Rule } from './rule.js'

const WINDOW_MS = 300_000

interface Probing extends Window {
  /** What was asked for in vain. */
  readonly needs: Set<string>
}

/**
 * One user who asks for many things that their token does not grant. Asking for the same thing again and
 * again is a program with a bug.
 *
 * @param limit Different things in five minutes.
 */
export function scopeProbing(limit: number): Rule {
  const table = new WindowTable<Probing>(WINDOW_MS)
  return ({ event, now }) => {
    if (event.name !== 'request.refused' || event.code !== 'insufficient_scope') return undefined
    const { token, guard, detail = '' } = event
    if (token === undefined) return undefined
    const key = `${token.issuer} ${token.subjectDigest ?? token.tokenIdDigest}`
    let probing = table.read(key, now)
    if (probing === undefined) {
      probing = { needs: new Set(), resetAt: now + WINDOW_MS }
      table.set(key, probing)
    }
    const { needs } = probing
    const before = needs.size
    if (before < limit) needs.add(`${guard} ${detail}`)
    if (before === needs.size || needs.size !== limit) return undefined
    return {
      rule: 'scope_probing',
      count: limit,
      windowSeconds: WINDOW_MS / 1000,
      detail: `One user was refused ${limit} different things in five minutes`,
    }
  }
}
