/**
 * A place beside a remembered token for what a store has worked out of it, such as the keys to look
 * up. Never a verdict: that is asked for anew each time. A store takes only what it has itself
 * worked out of the very query that it is asked, and replaces what another has left.
 */
export interface TokenMemo {
  memo: unknown
  /** How far ahead of our clock the guard that verified the token takes one for issued. */
  readonly clockToleranceSeconds?: number | undefined
}

/** What a store works out of a query. */
interface WorkedOut {
  readonly query: object
}

/**
 * What was kept of this very query: a store may be asked about several in one request, such as a
 * token and the one that it was exchanged for.
 */
export function recall<T extends WorkedOut>(
  remembered: TokenMemo | undefined,
  kind: new (...parts: never[]) => T,
  query: object,
): T | undefined {
  const known = remembered?.memo
  return known instanceof kind && known.query === query ? known : undefined
}

/** Keeps it for the next check, unless the query is one that can still be changed. */
export function keep(remembered: TokenMemo | undefined, workedOut: WorkedOut): void {
  if (remembered !== undefined && Object.isFrozen(workedOut.query)) remembered.memo = workedOut
}
