import type { RevocationStore } from '../../lib/revocation/store.js'
import {
  machineTime,
  openNaiveClient,
  STALENESS_BOUND_MS,
  storeConnections,
  type Accepted,
  type ClientName,
  type Target,
} from './protocol.js'
import { openStore } from './store.js'
import { naiveKey, revocableToken } from './tokens.js'

/** Revokes one token after the other, and remembers when each revocation was confirmed. */
export interface Revoker {
  /** Confirmed revocations so far. */
  confirmed(client: ClientName): number
  /** True where a token was let in by a check that began after its revocation was confirmed. */
  isViolation(accepted: Accepted): boolean
  /** Drops its connections and asks anew who the master is, as one that starts now would. */
  reconnect(): void
  stop(): Promise<void>
}

const INTERVAL_MS = 25

/** Other revocations than of tokens, one of each kind in turn. */
function revoke(store: RevocationStore, number: number): Promise<unknown> {
  const token = revocableToken(number)
  const { issuer, sessionId = '', subject } = token
  if (number % 4 === 1) return store.revokeSession({ issuer, sessionId })
  if (number % 4 === 2) return store.revokeSubject({ issuer, subject })
  return store.revokeToken(token)
}

export async function startRevoker(
  target: Target,
  onRevoking: (number: number) => void,
): Promise<Revoker> {
  const open = (mode: 'strict' | 'replicated'): RevocationStore =>
    openStore(mode, target, storeConnections(target), { follows: false })
  let strict = open('strict')
  let replicated = open('replicated')
  const naive = openNaiveClient(target)
  naive.on('error', () => undefined)
  await Promise.all([strict.ready(), replicated.ready()])
  const confirmedAt = {
    strict: new Map<number, number>(),
    replicated: new Map<number, number>(),
    naive: new Map<number, number>(),
  }
  let number = 0

  const timer = setInterval(() => {
    number += 1
    const mine = number
    onRevoking(mine)
    const confirm = (client: ClientName, stored: Promise<unknown>): void => {
      stored.then(
        () => confirmedAt[client].set(mine, machineTime()),
        () => undefined,
      )
    }
    confirm('strict', revoke(strict, mine))
    confirm('replicated', revoke(replicated, mine))
    confirm('naive', naive.set(naiveKey(revocableToken(mine)), '1', 'EX', 3000))
  }, INTERVAL_MS)

  return {
    confirmed: (client) => confirmedAt[client].size,
    isViolation([client, token, startedAt]) {
      const confirmed = confirmedAt[client].get(token)
      const boundMs = client === 'replicated' ? STALENESS_BOUND_MS : 0
      return confirmed !== undefined && startedAt > confirmed + boundMs
    },
    reconnect() {
      for (const store of [strict, replicated]) void store.close()
      strict = open('strict')
      replicated = open('replicated')
      naive.disconnect(true)
    },
    async stop() {
      clearInterval(timer)
      naive.disconnect()
      await Promise.all([strict.close(), replicated.close()])
    },
  }
}
