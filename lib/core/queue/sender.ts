/** Whoever sent a credential, as far as those need to know who let him wait for his turn. */
export interface Sender {
  /** The network, of which nobody has many (`networkOf`). Waiting is shared out by it. */
  readonly network: string
  /** When the request came, in the milliseconds of a Timer. */
  readonly arrivedAt: number
  /** Whether nobody waits for the answer any more. */
  readonly gone: boolean
}

/** How long a request may wait in all, from its arrival, for what it takes to judge its token. */
export const PATIENCE_MS = 2500

/** For work that no request asked for: one network like any other, which waits as long as each step allows. */
export const NOBODY: Sender = { network: '', arrivedAt: Number.POSITIVE_INFINITY, gone: false }

/** When the request of `sender` must have its answer, on the Timer. */
export function deadlineOf({ arrivedAt }: Sender, now: number): number {
  return Math.min(arrivedAt, now) + PATIENCE_MS
}
