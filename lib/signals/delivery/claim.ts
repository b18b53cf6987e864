import { createHash } from 'node:crypto'
import type { OptionCheck } from '../../core/options/option-check.js'
import { messageOf } from '../../core/values.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { attempt } from '../../core/verdicts/outcome.js'
import type { ProofClaim, ReplayStore } from '../../replay/store.js'

/** @throws TypeError for what is no such store. */
export function requireReplay(check: OptionCheck, replay: ReplayStore | undefined): void {
  if (replay === undefined || typeof replay.claim === 'function') return
  check.refuse('replay', 'be a ReplayStore like redisReplayStore()', replay)
}

/** Whether nobody claimed it before. Where that cannot be known, it is an outage. */
export async function claimed(
  replay: ReplayStore,
  claim: ProofClaim,
): Promise<boolean | AuthError> {
  const fresh = await attempt(async (): Promise<unknown> => replay.claim(claim), unavailable)
  if (fresh instanceof AuthError || typeof fresh === 'boolean') return fresh
  return unavailable(new TypeError('claim() gave no boolean'))
}

/** As names of claims are: base64url of SHA-256. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function unavailable(cause: unknown): AuthError {
  const detail = messageOf(cause)
  return new AuthError('temporarily_unavailable', { reason: 'replay_unavailable', detail, cause })
}
