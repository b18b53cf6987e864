import { RevocationUnavailable, type JudgedToken, type RevocationVerdict } from '../../store.js'
import type { Lineage } from './lineage.js'

/**
 * Between the loss and the floor lies the clock tolerance: a token stamped there may be older or newer
 * than the loss. While new tokens are still stamped there, nobody can know, and a client that has just
 * refreshed must not be logged out. Later, a refresh gives it one that is surely newer.
 *
 * @throws RevocationUnavailable until the floor has passed, for a token stamped after the loss.
 */
export function knownVerdict(
  verdict: RevocationVerdict,
  { issuedAt }: JudgedToken,
  lineage: Lineage | undefined,
  now: number,
): RevocationVerdict {
  if (!verdict.revoked || verdict.by !== 'floor' || lineage?.floor === undefined) return verdict
  const lossAt = Math.floor(lineage.generation / 1000)
  const surelyOlder = issuedAt === undefined || issuedAt < lossAt
  const leftSeconds = lineage.floor + 1 - now
  if (surelyOlder || leftSeconds <= 0) return verdict
  throw new RevocationUnavailable(
    'The token was issued about when revocations were lost. In some seconds, a fresh one is surely newer',
    { retryAfterSeconds: Math.ceil(leftSeconds) },
  )
}
