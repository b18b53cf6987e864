/** A session as a store keeps it: sealed, so that the store knows neither tokens nor users. */
export interface StoredSession {
  readonly record: string
  /** Grows with each change of the record. */
  readonly version: number
  /** When it ends unless it is used, in seconds of the store's own clock. */
  readonly idleExpiresAt: number
}

/** How long a session lives, in milliseconds. */
export interface SessionLifetime {
  readonly idleMs: number
  readonly absoluteMs: number
}

/**
 * Keeps the sessions of a `tokenHandler`, by a digest of their id. Each method is one atomic step, by the
 * store's own clock. One that rejects means that nothing is known of what was done, and asking again
 * does no harm.
 */
export interface SessionStore {
  /** Begins a session. */
  create(key: string, record: string, lifetime: SessionLifetime): Promise<void>
  /** Undefined for a session that never was, or is over. `use` puts its idle end off. */
  read(key: string, use: boolean): Promise<StoredSession | undefined>
  /** Gives one holder at a time the right to change a session, and what it is now. */
  lock(key: string, holder: string, forMs: number): Promise<StoredSession | 'held' | undefined>
  /**
   * Changes a session and gives the lock back. Done again, it changes nothing and resolves the same.
   *
   * @param change.version That which the lock told.
   * @returns false where the session is over, or another holder has the lock.
   */
  write(
    key: string,
    change: { readonly record: string; readonly holder: string; readonly version: number },
  ): Promise<boolean>
  unlock(key: string, holder: string): Promise<void>
  end(key: string): Promise<void>
  /** True for the first who names it, until `forMs` are over: a login that comes back twice counts once. */
  claim(name: string, forMs: number): Promise<boolean>
  /** Ends connections and timers. */
  close(): Promise<void>
}
