/**
 * A place beside a remembered token for what a store has worked out of it, such as the keys to look
 * up. Never a verdict: that is asked for anew each time. A store takes only what it has itself
 * worked out of the very query that it is asked, and replaces what another has left.
 */
export interface TokenMemo {
  memo: unknown
}
