import type { Auth } from './auth.js'

/** One for all copies of this package in a process: the guard may be of another copy than the endpoint. */
const KEY = Symbol.for('express-resource-server.seen-sessions')

/** A resolver's issuers are as many as its tenants. */
const MAX_ISSUERS = 1000

const shared: typeof globalThis & { [KEY]?: Map<string, boolean> } = globalThis
/** By issuer: whether any token of its users named a session. */
const seen: Map<string, boolean> = (shared[KEY] ??= new Map())

/** Remembers whether the tokens of an issuer's users name sessions. Tokens of machines never do. */
export function noteSession({ revocationIssuer, subject, clientId, sessionId }: Auth): void {
  if (subject === undefined || subject === clientId) return
  const known = seen.get(revocationIssuer)
  if (known === true || (known === undefined && seen.size >= MAX_ISSUERS)) return
  seen.set(revocationIssuer, sessionId !== undefined)
}

/** False where tokens were seen and none named a session; undefined where none were seen. */
export function namesSessions(revocationIssuer: string): boolean | undefined {
  return seen.get(revocationIssuer)
}
