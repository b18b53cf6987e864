import type { IncomingMessage } from 'node:http'
import { systemTimer } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { sha256 } from '../../core/sha256.js'
import { authorizationHeader, tokenOf } from '../../http/request/credentials.js'
import { NodeHead } from '../../http/request/node-head.js'
import { RequestSender } from '../../http/request/request-sender.js'
import { claimed } from '../../replay/claimed.js'
import type { ReplayStore } from '../../replay/store.js'
import type { CallerToken } from '../../tokens/events/caller-token.js'
import type { EventVerifier } from '../../tokens/events/event-verifier.js'

/** Whose word it is. */
export async function verifyCaller(
  req: IncomingMessage,
  verifier: EventVerifier<CallerToken>,
): Promise<CallerToken | AuthError> {
  const header = authorizationHeader(req)
  if (header instanceof AuthError) return header
  if (header === undefined) return new AuthError('no_credential', { reason: 'no_credential' })
  const token = tokenOf(header)
  if (token instanceof AuthError) return token
  return verifier.verify(token, new RequestSender(new NodeHead(req), systemTimer.now()))
}

/** Our own processes may disagree about the time. */
const MARGIN_SECONDS = 70

/** Uses the token up: it says nothing of the body, so that whoever saw it could sign out anybody. */
export async function useUp(
  replay: ReplayStore,
  { issuer, tokenId, expiresAt }: CallerToken,
  now: number,
): Promise<AuthError | undefined> {
  const claim = {
    thumbprint: sha256(issuer),
    proofId: sha256(tokenId),
    ttlMs: (expiresAt - now + MARGIN_SECONDS) * 1000,
  }
  const fresh = await claimed(replay, claim)
  if (fresh instanceof AuthError) return fresh
  if (fresh) return undefined
  return new AuthError('invalid_token', {
    reason: 'used_before',
    detail: 'A token of this jti came before',
  })
}
